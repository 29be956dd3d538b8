import type { DaemonEvent } from '../contract/events.ts';
import type { FileJob } from '../contract/files.ts';
import type { Status } from '../contract/schemas.ts';
import type { Backups } from './backups/backups.ts';
import type { ClockDrift } from './clock-drift.ts';
import type { ConfigStore } from './config.ts';
import type { Actor } from './draft.ts';
import type { TouchBroker } from './gates/touch-broker.ts';
import type { Leases } from './leases.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Mirrors } from './mirrors/mirrors.ts';
import type { Ports } from './ports.ts';
import type { KeyRotations } from './rekey/key-rotation.ts';
import type { AwsIam } from './rotation/aws-iam.ts';
import type { Rotations } from './rotation/rotations.ts';
import type { SecurityKeys } from './security-keys/security-keys.ts';
import type { Session } from './session.ts';
import type { AwsSts } from './sessions/aws-sts.ts';
import type { Programs } from './sessions/programs.ts';
import type { SignInPorts } from './sign-ins/driver.ts';
import type { Found } from './things.ts';

export interface DoorState {
  /** `http://127.0.0.1:4587`; null while it could not be opened. */
  endpoint: string | null;
  httpsEndpoint: string | null;
  /** Why there is no endpoint, or what is unusual about it. */
  error?: string;
  /** PEM of the CA behind `httpsEndpoint`. */
  caBundle?: string;
}

export interface RotatedCa {
  pem: string;
  notAfter: string;
  previous: { pem: string; notAfter: string } | null;
}

/** One operation of a local account's service; input and output as AWS JSON 1.1 has them. */
export interface ServiceCall {
  /** The account's record. */
  account: Found<'account'>;
  region: string;
  service: string;
  operation: string;
  input: Readonly<Record<string, unknown>>;
  session: Session;
  actor: Actor;
  /** Hears the ARN of what the call is about, once that is known; for the audit log. */
  onTarget(arn: string): void;
}

/** Files that become messages or are made from them, one part after the other. */
export interface FileDoor {
  /** Throws what the KMS refuses, and `InUse` while too many are under way. */
  begin(job: FileJob, accountId: string, actor: Actor): Promise<{ id: string; keys: string[] }>;
  /** Gives one up; no harm where there is none. */
  cancel(id: string): void;
}

/** A remote account, by a profile of it. */
export interface RemotePlace {
  session: Session;
  profile: Found<'profile'>;
  /** The record of an access key that signs instead of what the profile works with. */
  key?: string;
  /** Instead of the profile's. */
  region?: string;
}

/** Virtual MFA devices of a remote account's IAM users. Each call throws `Unreachable`, `Timeout` or `ServiceRefused` with the AWS error's name. */
export interface AwsMfa {
  /** Of the user whose access key the profile has. */
  userName(place: RemotePlace): Promise<string>;
  /** The seed is the caller's to wipe. */
  create(place: RemotePlace, deviceName: string): Promise<{ serialNumber: string; seed: Uint8Array }>;
  enable(
    place: RemotePlace,
    device: { userName: string; serialNumber: string; codes: readonly [string, string] },
  ): Promise<void>;
  isEnabled(place: RemotePlace, device: { userName: string; serialNumber: string }): Promise<boolean>;
  /** No harm where there is none. */
  remove(place: RemotePlace, serialNumber: string): Promise<void>;
}

/** What the core asks of the daemon or app around it. */
export interface Shell {
  kind: 'electron' | 'serve';
  version: string;
  home: string;
  pid: number;
  /** ms since epoch */
  startedAt: number;
  /** The door's port while none has been chosen. */
  defaultPort: number;
  door(): DoorState;
  /** The web page's address without a token; null when there is none. */
  ui(): string | null;
  /** The address with a fresh one-time token and, where asked for, the path of a page that leads there. Throws `Unsupported` when there is no web page. */
  openUi(byFile: boolean): { url: string; file?: string };
  /** Moves the door at once; without a port only HTTPS is turned on or off. Throws `PortInUse` and leaves it where it was. */
  applyDoor(next: { port: number | undefined; https: boolean }): Promise<void>;
  /** The vault has just been unlocked. Resolves when what had to wait for that (the HTTPS door) is done; never rejects. */
  unlocked(): Promise<void>;
  /** All records have been read since the unlock: the most that the vault takes of memory is behind it. */
  recordsRead(): void;
  /** Resolves when the door is not about to open, move or close; never rejects. */
  doorSettled(): Promise<void>;
  /** Makes the vault's CA when there is none yet. */
  exportCa(actor: Actor): Promise<{ pem: string; notAfter: string }>;
  /** A new CA in the place of the vault's; the private key of the one before is destroyed. */
  rotateCa(actor: Actor): Promise<RotatedCa>;
  /** Runs it as the account's root, and audits it. Throws `ServiceRefused` with the AWS error's name. */
  callService(call: ServiceCall): Promise<Record<string, unknown>>;
  readonly awsMfa: AwsMfa;
  readonly awsSts: AwsSts;
  readonly awsIam: AwsIam;
  readonly signIns: SignInPorts;
  readonly programs: Programs;
  readonly files: FileDoor;
  /** Begins to stop the daemon once the present call has been answered. */
  stop(reason: string): void;
}

/** What every handler works with. */
export interface Core {
  readonly ports: Ports;
  readonly config: ConfigStore;
  readonly shell: Shell;
  readonly lifecycle: Lifecycle;
  readonly leases: Leases;
  readonly drift: ClockDrift;
  readonly mirrors: Mirrors;
  readonly backups: Backups;
  readonly rekey: KeyRotations;
  readonly touch: TouchBroker;
  readonly securityKeys: SecurityKeys;
  readonly rotations: Rotations;
  /** Throws `NotInitialized` or `Locked`. */
  session(): Session;
  emit(event: DaemonEvent): void;
  status(): Status;
}
