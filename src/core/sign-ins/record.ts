import { z } from 'zod';
import { SamlRole } from '../../contract/saml.ts';
import { Name, RecordId } from '../../contract/schemas.ts';
import { SignInFlow, SignInSettings } from '../../contract/sign-ins.ts';

/** ms since the Unix epoch */
const Time = z.int().min(0);
const ObjectHandle = z.object({ id: RecordId });

/** Something that a person signs in to, and what the last time gave (docs/format.md, "Sign-ins"). */
export const SIGN_IN_RECORD = z.object({
  name: Name,
  settings: SignInSettings,
  createdAt: Time,
  /** Of the last login, also once that has ended: what was got with it is bound to it, and not to the tokens in between. */
  signedInAt: Time.optional(),
  login: z
    .object({
      who: z.string().optional(),
      /** The other side's own name of that person. */
      subject: z.string().optional(),
      /** Of `access`. */
      expiresAt: Time,
      access: ObjectHandle,
      /** Gets the next `access`. */
      refresh: ObjectHandle.optional(),
    })
    .optional(),
  /** Of an OpenID Connect provider's client, where it has one. */
  clientSecret: ObjectHandle.optional(),
  /** Of SAML: what the last assertion said. It itself is never kept. */
  saml: z
    .object({
      who: z.string(),
      issuer: z.string(),
      roles: z.array(SamlRole),
      /** Nothing can be got with it later. */
      usableUntil: Time,
    })
    .optional(),
  /** Why there is no login any more, though nobody signed out. */
  ended: z.object({ at: Time, reason: z.string() }).optional(),
  /** What this vault is to the token service: of one flow, and of the settings as they are. */
  registration: z.object({ flow: SignInFlow, clientId: z.string(), secret: ObjectHandle, expiresAt: Time }).optional(),
});
export type SignInRecord = z.output<typeof SIGN_IN_RECORD>;
