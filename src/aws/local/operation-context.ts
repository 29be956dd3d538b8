import type { NamedPolicy, RequestPrincipal } from '../../core/iam/index.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import type { Session } from '../../core/session.ts';
import type { UpstreamAgents } from '../forward/agents.ts';

/** Connections to elsewhere, and the clock that limits them. */
export interface Outbound {
  readonly agents: Pick<UpstreamAgents, 'http' | 'https'>;
  readonly clock: Clock;
}

/** Who calls, as the policy engine knows it. */
export interface LocalCaller {
  readonly type: 'root' | 'client';
  readonly arn: string;
  /** The client key's access key id. */
  readonly accessKeyId: string;
  readonly principal: Extract<RequestPrincipal, { type: 'root' | 'user' }>;
  /** The client's policy; none for the account's root, which needs none. */
  readonly policies: readonly NamedPolicy<'identity'>[];
}

/** What an operation knows besides its input. One for each request. */
export interface OperationContext {
  readonly caller: LocalCaller;
  /** `id` is the account's record, `accountId` its twelve digits. */
  readonly account: { readonly id: string; readonly accountId: string; readonly partition: string };
  /** The region of the credential scope. */
  readonly region: string;
  /** Signing name (`kms`) and operation (`Encrypt`). */
  readonly service: string;
  readonly operation: string;
  readonly requestId: string;
  /** ms since the Unix epoch */
  now(): number;
  /** The unlocked vault. */
  readonly session: Session;
  /** The caller's address on this machine: `127.0.0.1`. */
  readonly ip: string;
  /** Whether the request came over TLS. */
  readonly secure: boolean;
  readonly userAgent: string | undefined;
  /** Seconds since the touch of a security key that the caller comes with; undefined for credentials without. */
  readonly mfaAge: number | undefined;
  readonly log: Logger;
  /** For what an operation has to ask elsewhere. */
  readonly outbound: Outbound;
}
