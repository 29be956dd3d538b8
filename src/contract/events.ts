import type { KeyRotation } from './rekey.ts';
import type { AuditEvent, MfaPrompt, Status } from './schemas.ts';

/** What the daemon pushes to subscribers (control socket, SSE, Electron IPC). */
export type DaemonEvent =
  | { type: 'status'; status: Status }
  /** A door request or a vault change, the moment it is decided: the live feed. */
  | { type: 'audit'; event: AuditEvent }
  /** Something in these lists changed: re-read them. */
  | {
      type: 'changed';
      what: ReadonlyArray<
        | 'accounts'
        | 'keys'
        | 'profiles'
        | 'sessions'
        | 'clients'
        | 'settings'
        | 'slots'
        | 'kms'
        | 'tokens'
        | 'hsm'
        | 'totp'
        | 'securityKeys'
        | 'rotations'
        /** Also when somebody begins to sign in, and when that ends. */
        | 'signIns'
        /** Security keys were plugged in or pulled out. */
        | 'devices'
      >;
    }
  /** Records are being sealed under the vault's new keys. */
  | { type: 'rekey'; progress: KeyRotation }
  /** Somebody has to do something with a security key. One that comes again with the same id has changed. */
  | { type: 'mfa.prompt'; prompt: MfaPrompt }
  /** It is no longer asked for, whatever became of it. */
  | { type: 'mfa.promptDone'; id: string }
  /** For the person, e.g. the HSM process ended unexpectedly. */
  | { type: 'notice'; level: 'info' | 'warning' | 'error'; message: string };
