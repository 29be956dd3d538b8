import { KeyholdError } from '../../contract/errors.ts';
import { isBeside } from '../vault/copy-beside.ts';
import type { Relation } from './lineage.ts';

/** Why a mirror is not in step, as a part of a sentence that begins with its path. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof KeyholdError)) return 'it failed for a reason that the daemon log has';
  switch (error.code) {
    case 'DiskFull':
      return isBeside(error) ? 'the disk of the vault has no room for another copy of it' : 'its disk is full';
    case 'VaultReadOnly':
      return 'it cannot be written: the disk is read-only, or its owner or mode is wrong';
    case 'VaultBusy':
      return 'another process holds it';
    case 'VaultCorrupt':
    case 'VaultTampered':
    case 'VaultForeign':
      return 'it is damaged';
    case 'VaultTooNew':
      return 'a newer version of Keyhold wrote it';
    default:
      return error.message.replace(/\.$/, '');
  }
}

/** Why a copy that opened is left as it is. */
export function conflictOf(relation: Exclude<Relation, 'same' | 'behind'>): string {
  switch (relation) {
    case 'foreign':
      return 'it is a copy of another vault';
    case 'ahead':
      return 'it holds a later state than the vault';
    case 'diverged':
      return 'it holds changes that the vault does not have';
  }
}

/** True for what says that the file itself is not a sound vault. */
export function isDamage(error: unknown): boolean {
  return error instanceof KeyholdError && ['VaultCorrupt', 'VaultTampered', 'VaultForeign'].includes(error.code);
}

export function isMissing(error: unknown): boolean {
  return error instanceof KeyholdError && error.code === 'NotFound' && error.details?.['missing'] === true;
}

/** True where the HSM went away meanwhile: that says nothing about any file. */
export function isLocked(error: unknown): boolean {
  return error instanceof KeyholdError && (error.code === 'Locked' || error.code === 'HsmCrashed');
}

/** True where a copy could not be made because the vault itself does not verify. */
export function isOfTheVault(error: unknown): boolean {
  return error instanceof KeyholdError && error.details?.['vault'] === true;
}
