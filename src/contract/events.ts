import type { AuditEvent, Status } from './schemas.ts';

/** What the daemon pushes to subscribers (control socket, SSE, Electron IPC). */
export type DaemonEvent =
  | { type: 'status'; status: Status }
  /** A door request or a vault change, the moment it is decided: the live feed. */
  | { type: 'audit'; event: AuditEvent }
  /** Something in these lists changed: re-read them. */
  | {
      type: 'changed';
      what: ReadonlyArray<
        'accounts' | 'keys' | 'profiles' | 'clients' | 'settings' | 'slots' | 'kms' | 'tokens' | 'hsm' | 'securityKeys'
      >;
    }
  /** For the person, e.g. the HSM process ended unexpectedly. */
  | { type: 'notice'; level: 'info' | 'warning' | 'error'; message: string };
