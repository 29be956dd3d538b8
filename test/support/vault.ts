import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { AuditEvent, Finding } from '../../src/contract/schemas.ts';
import type { Hsm } from '../../src/core/hsm/protocol.ts';
import { createVaultFile } from '../../src/core/vault/create.ts';
import { type OpenVaultOptions, openVault, type Vault } from '../../src/core/vault/store.ts';
import { unlockVault } from '../../src/core/vault/unlock-vault.ts';
import { createTestVault, sealFor, startTestHsm, type TestVault } from './hsm.ts';

export interface TestVaultFile {
  folder: string;
  path: string;
  made: TestVault;
  hsm: Hsm;
  vault: Vault;
}

const folders: string[] = [];

/** A fresh folder, removed by `removeTestFolders`. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyhold-vault-'));
  folders.push(folder);
  return folder;
}

/** Removes what `testFolder` made, but the given one. */
export function removeTestFolders(keep?: string): void {
  for (const folder of folders.splice(0)) {
    if (folder === keep) folders.push(folder);
    else rmSync(folder, { recursive: true, force: true });
  }
}

/** A new vault file, open and unlocked. */
export async function makeTestVault(options: OpenVaultOptions = {}): Promise<TestVaultFile> {
  const folder = testFolder();
  const path = join(folder, 'vault.keyhold');
  const hsm = startTestHsm();
  const made = await createTestVault(hsm);
  await createVaultFile(path, hsm, {
    vaultId: made.vaultId,
    createdAt: Date.now(),
    slots: made.slots,
    keks: made.keks,
  });
  const vault = openVault(path, options);
  await vault.load(hsm);
  return { folder, path, made, hsm, vault };
}

/** A copy of a closed vault file in a folder of its own, open and loaded with the template's HSM: no Argon2id is run. */
export async function copyTestVault(template: TestVaultFile): Promise<TestVaultFile> {
  const folder = testFolder();
  const path = join(folder, 'vault.keyhold');
  copyFileSync(template.path, path);
  const vault = openVault(path);
  await vault.load(template.hsm);
  return { ...template, folder, path, vault };
}

/** Opens and unlocks the vault file again, in a fresh HSM, as after a restart. */
export async function reopen(
  file: Pick<TestVaultFile, 'path' | 'made'>,
  options: { acceptRollback?: boolean; password?: string } = {},
): Promise<{ vault: Vault; hsm: Hsm }> {
  const vault = openVault(file.path);
  try {
    const hsm = startTestHsm();
    const sealed = await sealFor(hsm, 'password', options.password ?? file.made.password);
    await unlockVault(vault, hsm, {
      secret: { factor: 'password', sealed },
      ...(options.acceptRollback === undefined ? {} : { acceptRollback: options.acceptRollback }),
    });
    return { vault, hsm };
  } catch (error) {
    await vault.close();
    throw error;
  }
}

/** Changes the closed file behind Keyhold's back. */
export function tamper(path: string, change: (db: Database.Database) => void): void {
  const db = new Database(path);
  try {
    db.unsafeMode(true);
    change(db);
  } finally {
    db.close();
  }
}

/** The KeyholdError that `run` fails with. */
export async function failure(run: () => unknown): Promise<KeyholdError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof KeyholdError) return error;
    throw error;
  }
  throw new Error('expected a KeyholdError, but nothing failed');
}

/** `where: what` of every finding of an error or report. */
export function named(from: KeyholdError | { findings: Finding[] }): string[] {
  const findings = from instanceof KeyholdError ? from.details?.['findings'] : from.findings;
  return Array.isArray(findings) ? findings.map((one: Finding) => `${one.where}: ${one.what}`) : [];
}

let counter = 0;

export function auditEvent(action: string, extra: Partial<AuditEvent> = {}): AuditEvent {
  counter++;
  return {
    id: randomBytes(16).toString('hex'),
    time: new Date(Date.UTC(2026, 10, 23) + counter * 1000).toISOString(),
    kind: 'request',
    action,
    decision: 'allowed',
    actor: 'door',
    ...extra,
  };
}

/** Puts `count` account records into the vault in one transaction; answers their ids. */
export async function fillVault(vault: Vault, count: number): Promise<string[]> {
  const put = Array.from({ length: count }, (_, index) => ({
    kind: 'account' as const,
    data: {
      name: `account-${index}`,
      accountId: String(index).padStart(12, '0'),
      kind: 'remote',
      note: 'a note of a usual length, made for a test',
      createdAt: Date.UTC(2026, 10, 23),
    },
  }));
  const { ids } = await vault.transact({ put });
  return ids;
}

/** A new HSM object, as the API would make it, in the vault; answers its id. */
export async function addObject(vault: Vault, hsm: Hsm): Promise<string> {
  const id = randomBytes(16).toString('hex');
  const { blob } = await hsm.call('generateObject', {
    id,
    attributes: {
      class: 'secret-key',
      spec: 'HMAC_256',
      usage: ['mac'],
      extractable: false,
      label: 'test',
      createdAt: Date.now(),
      policy: {},
    },
  });
  await vault.transact({ putObjects: [{ id, version: 1, blob }] });
  return id;
}
