import { statSync } from 'node:fs';
import { KeyholdError } from '../../contract/errors.ts';
import type { CheckReport, Finding } from '../../contract/schemas.ts';
import { verifyAudit } from '../audit/verify-audit.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { finding, recordPlace } from './findings.ts';
import { isRecordKind, isSealedKind } from './kinds.ts';
import { MIGRATIONS } from './migrations.ts';
import { nameOfRecord } from './name-of-record.ts';
import { parsePayload } from './payload.ts';
import type { StoredRecord } from './rows.ts';
import { checkSchema } from './schema.ts';
import { parseSlotDescriptor } from './slot-descriptor.ts';
import { readState } from './state.ts';
import type { Vault } from './store.ts';

const BATCH = 512;

/** What a KeyholdError names, or itself as one finding; other errors pass. */
function findingsOf(error: unknown, where: string): Finding[] {
  // Locked, crashed, busy: that says nothing about the file.
  if (!(error instanceof KeyholdError) || !error.code.startsWith('Vault')) throw error;
  const named = error.details?.['findings'];
  if (Array.isArray(named) && named.length > 0) return named;
  return [finding(where, 'structure', error.message)];
}

/** What there is to say of a record's payload; `isObject` knows the ids of the vault's HSM objects. */
export type LookAtRecord = (
  row: Pick<StoredRecord, 'kind' | 'id'>,
  payload: unknown,
  isObject: (id: string) => boolean,
) => Finding[];

/** Opens every record and object of an open vault file, and has `look` say more of each record that opens. */
export async function checkRecords(
  vault: Pick<Vault, 'rows'>,
  hsm: Hsm,
  look: (row: StoredRecord, payload: unknown) => Finding[] = () => [],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const broken = (row: StoredRecord) =>
    findings.push(finding(recordPlace(row.kind, row.id), 'edited', 'its content does not verify'));
  for (let after = ''; ; ) {
    const rows = vault.rows.records(after, BATCH);
    const objects = rows.filter((row) => isSealedKind(row.kind));
    const others = rows.filter((row) => !isSealedKind(row.kind) && isRecordKind(row.kind));
    if (objects.length > 0) {
      const { failed } = await hsm.call('checkObjects', { records: objects });
      for (const index of failed) if (objects[index] !== undefined) broken(objects[index]);
    }
    if (others.length > 0) {
      const { plaintexts } = await hsm.call('openRecords', { records: others });
      for (const [index, row] of others.entries()) {
        const plaintext = plaintexts[index];
        if (plaintext === undefined || plaintext === null) {
          broken(row);
          continue;
        }
        const payload = parsePayload(plaintext);
        if (payload !== null) findings.push(...look(row, payload));
        else findings.push(finding(recordPlace(row.kind, row.id), 'structure', 'its content is not JSON'));
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return findings;
    after = last.id;
  }
}

/** What memory says against what the file says: they are the same unless someone else wrote to the file. */
async function checkMemory(vault: Vault, hsm: Hsm): Promise<Finding[]> {
  if (!vault.isLoaded) return [];
  const findings: Finding[] = [];
  const onDisk = vault.rows.head().generation;
  if (onDisk !== vault.generation) {
    findings.push(finding('head', 'edited', `the file has generation ${onDisk}, memory ${vault.generation}`));
  }
  for (const row of vault.rows.headers()) {
    const header = vault.header(row.id);
    if (header !== undefined && header.version === row.version && header.kind === row.kind) continue;
    const name = await nameOfRecord(vault.rows, hsm, row.id);
    const message = `${name === null ? '' : `“${name}”: `}it changed while the vault was open`;
    findings.push(finding(recordPlace(row.kind, row.id), 'edited', message));
  }
  return findings;
}

async function checkAudit(vault: Vault): Promise<Finding[]> {
  const result = await verifyAudit(vault);
  return result.ok ? [] : [finding(`audit entry ${result.firstBroken ?? '?'}`, 'edited', result.message)];
}

function checkSlots(vault: Vault): Finding[] {
  return vault.rows.slots().flatMap((slot, index): Finding[] =>
    parseSlotDescriptor(slot.descriptor) === null
      ? [
          {
            severity: 'warning',
            where: `slot ${index + 1}`,
            what: 'unknown',
            message: 'this version of Keyhold cannot use this slot',
          },
        ]
      : [],
  );
}

/**
 * Checks everything there is (contract `vault.check`): SQLite's structure, the schema, head, every page MAC, every row against its
 * page, every record and object by opening it, what `look` says of each record, the slots, and the whole audit chain. `vault` is loaded with `hsm`.
 */
export async function checkVault(vault: Vault, hsm: Hsm, look: LookAtRecord = () => []): Promise<CheckReport> {
  const findings: Finding[] = [];
  const step = async (where: string, run: () => Promise<Finding[]> | Finding[]) => {
    try {
      findings.push(...(await run()));
    } catch (error) {
      findings.push(...findingsOf(error, where));
    }
  };
  const counts = await vault.exclusive(async () => {
    await step('file', () => vault.rows.integrityCheck().map((line) => finding('file', 'structure', line)));
    await step('schema', () => {
      const schema = MIGRATIONS.find((migration) => migration.format === vault.format)?.schema ?? [];
      checkSchema(vault.file.db, schema);
      return [];
    });
    await step('head', async () => (await readState(vault.rows, hsm)).findings);
    await step('memory', () => checkMemory(vault, hsm));
    await step('records', () => {
      const objects = new Set<string>();
      for (const { id, kind } of vault.rows.headers()) if (kind === 'object') objects.add(id);
      return checkRecords(vault, hsm, (row, payload) => look(row, payload, (id) => objects.has(id)));
    });
    await step('slots', () => checkSlots(vault));
    return { generation: vault.generation, records: vault.recordCount, slots: vault.slots().length };
  });
  await step('audit log', () => checkAudit(vault));
  return {
    ok: !findings.some((one) => one.severity === 'error'),
    vaultId: toHex(vault.vaultId),
    format: vault.format,
    ...counts,
    auditEntries: vault.auditEnd.seq,
    sizeBytes: statSync(vault.path).size,
    findings: unique(findings),
  };
}

function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [`${one.where}|${one.what}|${one.message}`, one])).values()];
}
