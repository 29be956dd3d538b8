import { KeyholdError } from '../../contract/errors.ts';
import type { HpkeRecipient } from '../crypto/hpke.ts';
import type { SecretKey } from '../crypto/secret-key.ts';
import type { Clock, Random } from '../ports.ts';
import type { AccountTransfer } from './account-transfer.ts';
import type { Attempts } from './attempts.ts';
import type { GatesState } from './gates/state.ts';
import type { ObjectCache } from './object-cache.ts';
import type { OtpClaims } from './otp/claims.ts';
import type { PinUvHandle } from './pin-uv-handles.ts';
import type { ProvedSlot } from './slot.ts';
import type { UsersAt, UsersState } from './users/state.ts';

/** What the token needs from outside. */
export interface TokenPorts {
  random: Random;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Bytes of memory this machine (or container) has; calibration stays well below. */
  memoryBytes: number;
}

export interface Kek {
  id: number;
  purpose: 'records' | 'objects';
  key: SecretKey;
}

/** What entries of the audit log were sealed with under a root key before this one. */
export interface PastLog {
  /** The last entry of its time. */
  lastSeq: number;
  seal: SecretKey;
  mac: SecretKey;
}

/** Everything derived from one root key, and what those before it have left. */
export interface VaultKeys {
  vaultId: Uint8Array;
  rootKey: Uint8Array;
  manifest: SecretKey;
  auditSeal: SecretKey;
  auditMac: SecretKey;
  /** In order of `lastSeq`. */
  pastLogs: readonly PastLog[];
  /** Makes the keys of the events of the locked vault (locked-log.ts). */
  lockedLog: SecretKey;
  /** Names key material (material-id.ts). */
  materialId: SecretKey;
  /** The same as bytes, where a root key before this one has left it: names stay what they are. Null where it is derived from this one. */
  naming: Uint8Array | null;
  /** Makes the keys of accounts' pagination tokens (derive-page-token-key.ts). */
  pageToken: SecretKey;
  keks: ReadonlyMap<number, Kek>;
}

export interface SlotProof {
  slots: readonly ProvedSlot[];
  /** Monotonic, ms. */
  until: number;
  /** ms since epoch: the first of the two that comes ends it. */
  untilByWall: number;
}

export interface NextKeys {
  keys: VaultKeys;
  /** Names the head that was made for them (users/head-mark.ts). */
  mark: string;
  keks: readonly string[];
  /** As they were at the head that was carried over. */
  users: UsersAt;
}

export interface TokenState {
  readonly ports: TokenPorts;
  /** For nonces alone; keys come from `ports.random` as they are needed. */
  readonly nonces: Random;
  readonly sealKeyId: string;
  /** Where callers' secrets are sealed to. */
  readonly recipient: Promise<HpkeRecipient>;
  readonly objects: ObjectCache;
  readonly gates: GatesState;
  /** Exchanges with security keys, by their handles, the oldest first. */
  readonly pinUv: Map<string, PinUvHandle>;
  /** Runs one Argon2id at a time, in order. */
  readonly exclusively: <T>(run: () => Promise<T>) => Promise<T>;
  attempts: Attempts;
  users: UsersState;
  /** Codes that were taken since this process was started. */
  otp: OtpClaims;
  keys: VaultKeys | null;
  /** Slots whose way in was given, by their ticket, for a new root key: the oldest first. */
  readonly proofs: Map<string, SlotProof>;
  /** The keys under a new root key, until it is known whether they have been written. */
  next: NextKeys | null;
  /** An account on its way into or out of a file. */
  transfer: AccountTransfer | null;
  /** The head did not verify: only verifying operations are answered. */
  inspecting: boolean;
}

/** The keys for operations that only verify and open. `Locked` before the unlock. */
export function verifyingKeys(state: TokenState): VaultKeys {
  if (state.keys === null) throw new KeyholdError('Locked', 'The vault is locked. Unlock it and try again.');
  return state.keys;
}

/** The keys for everything else; `VaultTampered` in inspect mode. */
export function workingKeys(state: TokenState): VaultKeys {
  const keys = verifyingKeys(state);
  if (state.inspecting) {
    throw new KeyholdError(
      'VaultTampered',
      'This vault was opened for inspection only, because it does not verify. Restore a backup to use it.',
    );
  }
  return keys;
}

/** For what wraps the root key after waiting: it may have been replaced, and wiped, meanwhile. */
export function requireSameRoot({ keys }: TokenState, rootKey: Uint8Array): void {
  if (keys?.rootKey === rootKey) return;
  throw new KeyholdError('InvalidInput', 'The vault’s keys were changed in the meantime. Try again.');
}

/** `InvalidInput` when this process already holds a vault: one process, one vault. */
export function requireNoVault(state: TokenState): void {
  if (state.keys !== null) {
    throw new KeyholdError('InvalidInput', 'This vault process already holds an unlocked vault. Lock it first.');
  }
}
