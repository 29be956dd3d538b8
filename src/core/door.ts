import type { KeyObject } from 'node:crypto';
import type { AuditEvent } from '../contract/schemas.ts';
import type { TouchCall } from './gates/touch-call.ts';
import type { ObjectRef, Scope } from './hsm/protocol.ts';
import type { Session } from './session.ts';

interface ClientParts {
  id: string;
  name: string;
  accessKeyId: string;
  enabled: boolean;
  /** ms since epoch */
  expiresAt?: number;
  profile: { name: string; region: string; gated: boolean };
  /** Its signatures are verified in the HSM alone, which wants a touch for one that is right. */
  gated: boolean;
}

/** A client of a remote account: its requests are signed anew with the account's vaulted key and forwarded. */
export interface RemoteDoorClient extends ClientParts {
  kind: 'remote';
  account: { name: string; accountId: string; endpointUrl?: string };
  /** What signs, or what the session is got with, where that is a key. */
  key?: { id: string; name: string; status: 'active' | 'disabled' };
}

/** What a request leaves with: good for all of it, also when a newer session comes meanwhile. */
export interface DoorCredentials {
  accessKeyId: string;
  secret: ObjectRef;
  sessionToken?: string;
  /** They are a session's. */
  session: boolean;
  /** ARN of the role that was assumed. */
  assumedRole?: string;
}

/** A client of a local account: its requests are answered here. */
export interface LocalDoorClient extends ClientParts {
  kind: 'local';
  /** `id` is the account's record. */
  account: { id: string; name: string; accountId: string };
  /** The account's root, or a principal that may do what its policy (an IAM identity policy as written) allows and is called `user/keyhold/USERNAME`. */
  principal: { type: 'root' } | { type: 'policy'; document: string; userName: string };
}

/** Who a client key belongs to and what it leads to, all public parts. */
export type DoorClient = RemoteDoorClient | LocalDoorClient;

/** What the front door asks of the core. Every method that needs the HSM rejects with `Locked` when the vault is locked. */
export interface DoorBackend {
  state(): 'none' | 'locked' | 'unlocked';
  /** What was found to be wrong with the vault, in a sentence, where it is locked for that. */
  lockDetail(): string | undefined;
  /** null for an unknown client key. */
  resolveClient(accessKeyId: string): Promise<DoorClient | null>;
  /** The client key's derived signing key for one scope (32 bytes), cached in the daemon until lock. */
  clientSigningKey(client: DoorClient, scope: Scope): Promise<Uint8Array>;
  /** Whether this is the client's signature; of a gated client, whose key never leaves the HSM. Rejects with `TouchRequired` for a right one without a touch. */
  isSignatureOf(client: DoorClient, scope: Scope, stringToSign: string, signature: string): Promise<boolean>;
  /** Passes the gate of the client's profile. `purpose` says what for. Rejects with `TouchRequired`. */
  passProfile(client: DoorClient, purpose: string): Promise<void>;
  /** Seconds since the last touch that this client, or its profile, was used with; undefined where there was none. */
  touchAge(client: DoorClient): Promise<number | undefined>;
  /** Runs what may want touches of security keys, on somebody's behalf. */
  onBehalfOf<T>(call: TouchCall, work: () => Promise<T>): Promise<T>;
  /** The public half of the client key's SigV4a pair (P-256), cached in the daemon until lock. */
  clientPublicKey(client: DoorClient): Promise<KeyObject>;
  /** What signs for the client's profile now. Rejects with why there is no session, where the profile works with one. */
  credentials(client: RemoteDoorClient): Promise<DoorCredentials>;
  /** AWS has answered that the session which signed a request has ended: the next request gets another one. Never throws. */
  sessionEnded(client: RemoteDoorClient, credentials: DoorCredentials): void;
  /** AWS has denied a request as it does those of revoked sessions: another one is got beside this one. Never throws. */
  sessionDenied(client: RemoteDoorClient, credentials: DoorCredentials): void;
  /** Hex signature. */
  sign(credentials: DoorCredentials, scope: Scope, stringToSign: string): Promise<string>;
  /** SigV4a (hex DER) with the key pair derived from the secret. */
  signV4a(credentials: DoorCredentials, stringToSign: string): Promise<string>;
  signChunks(
    credentials: DoorCredentials,
    input: {
      scope: Scope;
      timestamp: string;
      previousSignature: string;
      chunkHashes: string[];
      trailerHash?: string;
    },
  ): Promise<{ signatures: string[]; trailerSignature?: string }>;
  /**
   * Appends to the audit log (id, kind and actor are filled in) and notes last use. Never throws, never blocks. `unproven` is given for
   * the refusal of a request whose signature was not found right, and says what kind of refusal, in a few words that do not depend on
   * what the request brought along: such refusals are counted instead when they are many. What a client signed is always written.
   */
  record(event: Omit<AuditEvent, 'id' | 'kind' | 'actor'>, client: DoorClient | null, unproven?: string): void;
  /** The unlocked vault, for the services of local accounts. */
  session(): Session;
  /** Counts as activity for auto-lock. */
  touch(): void;
  /** The Date of an answer of AWS's own. */
  noteDate(date: string | undefined): void;
}
