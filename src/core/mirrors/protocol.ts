import type { WireError } from '../../contract/errors.ts';
import type { BackupOperations } from '../backups/protocol.ts';
import type { Holder } from '../vault/holder.ts';
import type { RowWrite } from '../vault/row-writes.ts';

/** What a copy of a vault says about itself. Nobody has verified it: that takes the root key. */
export interface CopyHead {
  vaultId: Uint8Array;
  generation: number;
  headMac: Uint8Array;
  auditSeq: number;
  auditHash: Uint8Array;
  /** SHA-256 over what no MAC covers (`meta`, `audit_pending`). */
  rest: Uint8Array;
  sizeBytes: number;
  /** Device and inode of the file. */
  key: string;
}

/** Where a mirror is, and what it must not be. */
export interface MirrorPlace {
  path: string;
  /** The vault itself. */
  vaultPath: string;
  /** It was made on another disk than the vault's: where both are the same now, its own is not mounted. */
  apart: boolean;
}

/** Operation → [input, output]: what the thread of a mirror, or of the backups’ disk, can be asked for, one at a time, in order; `export` alone lets what comes after it go on. */
export interface MirrorOperations extends BackupOperations {
  /**
   * Opens the file and takes its lock. `NotFound` with `details.missing` when only the file is gone, without when its folder cannot be reached; otherwise the errors of
   * `openVaultFile`.
   */
  open: [{ place: MirrorPlace; holder: Holder | null }, CopyHead];
  /** Bytes that are free where the mirror is or will be. `NotFound` as in `open`. */
  room: [{ place: MirrorPlace }, { freeBytes: number }];
  /** Its head as it is now. */
  head: [Record<string, never>, CopyHead];
  /** Makes transactions that were committed in the vault. `inStep: false` when it is not of the generation before them. */
  apply: [{ transactions: readonly (readonly RowWrite[])[] }, { inStep: boolean }];
  /** Whether the file is still where it was opened. `NotFound` when it is not. */
  probe: [Record<string, never>, Record<string, never>];
  /** Hash of an entry of its audit log; null when it has none of that number. */
  auditHash: [{ seq: number }, { hash: Uint8Array | null }];
  /** Writes a complete copy, a single file of mode 0600, with what is applied meanwhile. `DiskFull` names `to`; `Unreachable` when the file is closed before the end. */
  export: [{ to: string }, Record<string, never>];
  /**
   * Puts a copy of the file `from` in the mirror’s place, at once and durably, and opens it. What was there is renamed to `aside`, or replaced where that is null.
   * `DiskFull`, `VaultReadOnly`, …: then what was there still is.
   */
  replace: [{ place: MirrorPlace; holder: Holder | null; from: string; aside: string | null }, CopyHead];
  /** Gives the file another name in its folder; nothing when there is none. */
  aside: [{ place: MirrorPlace; to: string }, Record<string, never>];
  close: [Record<string, never>, Record<string, never>];
}

export type MirrorOperation = keyof MirrorOperations;
export type MirrorInput<O extends MirrorOperation> = MirrorOperations[O][0];
export type MirrorOutput<O extends MirrorOperation> = MirrorOperations[O][1];

/** Frames of the channel between the daemon and the thread of a mirror (structured clone). */
export type MirrorRequest = { [O in MirrorOperation]: { id: number; op: O; input: MirrorInput<O> } }[MirrorOperation];
export type MirrorAnswer = { id: number; output: unknown } | { id: number; error: WireError };
