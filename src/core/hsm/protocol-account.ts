import type { Sealed } from '../../contract/schemas.ts';
import type { Argon2Params, KekRow, ObjectAttributes, SealedBlob, SlotRow } from './protocol.ts';

/**
 * The operations of the HSM's channel that move an account from vault to vault in a file (docs/format.md, "Account files"). A file is a vault in small: a root key of
 * its own under a password slot, KEKs, sealed records. The HSM opens each object under one vault's keys and seals it under the other's; what passes the daemon is
 * ciphertext. One transfer is open at a time, whatever its direction: beginning another ends it.
 */

/** The start of a file. */
export interface AccountFileStart {
  /** 16 random bytes. */
  fileId: Uint8Array;
  slot: SlotRow;
  keks: KekRow[];
}

/** A record on its way into a file: of a JSON kind in the clear, an object as the vault has it, or the key that names the vault's key materials as a new object. */
export type ExportedRecord =
  | { id: string; kind: string; version: number; plaintext: Uint8Array }
  | { id: string; kind: 'object'; version: number; blob: SealedBlob }
  | { id: string; createdAt: number; naming: true };

/** A record as it is in a file. */
export interface FileRecord {
  id: string;
  kind: string;
  version: number;
  sealed: SealedBlob;
}

/** A record out of a file: JSON in the clear, an object sealed for this vault as its version 1. */
export type ImportedRecord =
  | { id: string; kind: string; plaintext: Uint8Array }
  | {
      id: string;
      kind: 'object';
      attributes: ObjectAttributes;
      blob: SealedBlob;
      /** It is the key by which this vault itself names key material. */
      isOwnNaming: boolean;
    };

/** Operation → [input, output]. */
export interface AccountHsmOperations {
  /** Makes the keys of a new file under a passphrase (sealed for the purpose `passphrase`). All that leaves the HSM in a file leaves it after this. */
  beginAccountExport: [
    { fileId: Uint8Array; slotId: string; passphrase: Sealed; kdf: Argon2Params; createdAt: number },
    { transfer: string; start: AccountFileStart },
  ];
  /**
   * Seals records for the file, in order. `QuorumRequired` for key material that a quorum guards and that `guardExport` has not allowed; `HsmRefused` for what is not an account's to take along: vaulted access keys, session tokens, PINs of tokens, the local CA.
   */
  exportRecords: [{ transfer: string; records: ExportedRecord[] }, { records: FileRecord[] }];
  /** The MAC over the whole file up to it (32 bytes). The file's keys are gone afterwards. */
  endAccountExport: [{ transfer: string }, { entries: number; mac: Uint8Array }];

  /**
   * Opens a file's keys. `WrongSecret` when the passphrase does not; `AccountFileDamaged` for parameters that no writer chooses, before anything is derived, and for keys
   * that do not open.
   */
  beginAccountImport: [{ start: AccountFileStart; passphrase: Sealed }, { transfer: string }];
  /** Opens records in the order of the file. `AccountFileDamaged` for one that does not open or that an export never holds. */
  importRecords: [{ transfer: string; records: FileRecord[] }, { records: ImportedRecord[] }];
  /** Whether the file is the one that was written, whole and in order: `AccountFileDamaged` if not, and then nothing of it may be used. */
  endAccountImport: [{ transfer: string; entries: number; mac: Uint8Array }, Record<string, never>];
  /** Forgets the keys of a transfer that is given up. */
  dropTransfer: [Record<string, never>, Record<string, never>];
}
