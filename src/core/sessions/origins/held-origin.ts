import type { Origin } from '../../../contract/origins.ts';
import type { SessionKind } from '../../../contract/roles.ts';
import type { Found, Thing, Things } from '../../things.ts';
import type { StsCredentials } from '../aws-sts.ts';
import type { BrokerParts } from '../obtain-session.ts';

export interface OriginWish {
  /** Of kinds whose length is asked for. */
  seconds: number | undefined;
  /** RoleSessionName, filled in. */
  sessionName: string;
}

/** An origin of a profile, with all that the broker, the profile's editor and the removal of records want to know of it. */
export interface HeldOrigin {
  readonly sessionKind: SessionKind;
  /** Whether the profile names the role, or what comes from here is used as it is. */
  readonly takesRole: boolean;
  /** Its credentials are a role's: AWS lets a role that is assumed with them live for an hour. */
  readonly isRole: boolean;
  /** With names in the place of record ids. */
  view(things: Things): Origin;
  /** Throws `InvalidInput` where it can never give the profile's account what it wants. */
  assert(things: Things, profile: Thing<'profile'>): void;
  /** Records that it refers to, whose removal takes the profile along. */
  readonly refersTo: readonly string[];
  /** What else than the profile's record decides which credentials come: the same, as long as they are. */
  parts(things: Things): readonly unknown[];
  /** What of that a session is bound to, for JSON. */
  settings(things: Things): unknown;
  /** New credentials. Throws `SignInRequired` where only a person can get them, with the command that does. */
  obtain(parts: BrokerParts, profile: Found<'profile'>, wish: OriginWish): Promise<StsCredentials>;
}
