import { toHex } from '../crypto/bytes.ts';

/** What the name of a backup says about it. */
export interface NamedBackup {
  /** First 8 hex digits of the vault's id. */
  vault: string;
  /** ms since epoch */
  at: number;
  generation: number;
}

const NAME = /^keyhold-([0-9a-f]{8})-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z-g(\d{1,15})\.vault$/;

export function vaultTag(vaultId: Uint8Array): string {
  return toHex(vaultId).slice(0, 8);
}

/** `keyhold-9f31c2d4-2026-11-23T22-15-04Z-g1041.vault` */
export function backupName({ vault, at, generation }: NamedBackup): string {
  const time = new Date(at).toISOString().slice(0, 19).replaceAll(':', '-');
  return `keyhold-${vault}-${time}Z-g${generation}.vault`;
}

/** Null for a file that is not one of ours, whoever made it: such a file is never removed. */
export function parseBackupName(name: string): NamedBackup | null {
  const [, vault, day, hour, minute, second, generation] = NAME.exec(name) ?? [];
  const at = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  return vault === undefined || Number.isNaN(at) ? null : { vault, at, generation: Number(generation) };
}
