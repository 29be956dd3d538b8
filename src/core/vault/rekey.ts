import type { KeyholdError } from '../../contract/errors.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import { concat } from '../crypto/bytes.ts';
import { packEvents } from '../crypto/packed-audit.ts';
import type { KekRow } from '../hsm/protocol.ts';
import { checkRecords } from './check.ts';
import { tampered } from './findings.ts';
import { currentKeks, isUnfinished } from './keks.ts';
import { decodePage, isOfEntry, markOf, pageOf } from './manifest.ts';
import { encodeAuditEvent } from './plan.ts';
import type { Rows, StoredPage, StoredRecord } from './rows.ts';
import { readDiskHead } from './state.ts';
import type { Vault } from './store.ts';
import { incomplete, numberedRows } from './write-plan.ts';

/**
 * New keys for a vault (docs/adr/0036). The root key changes in one transaction, and with it everything that is derived from it; records follow batch by batch, each a transaction.
 * How far that is can be read from the file at any time, so that it goes on after whatever interrupts it: KEKs before the current ones are there until no record needs
 * them.
 */

/** Records in one transaction, and bytes of them: whoever else wants to write waits for no more than one. */
const BATCH = 1024;
const BATCH_BYTES = 8 * 1024 * 1024;
/** id || u32(length) */
const RECORD_HEAD_BYTES = 16 + 4;

/** When the present keys were made, ms since epoch. */
export function keysMadeAt(keks: readonly KekRow[]): number {
  const [records] = currentKeks(keks);
  return keks.find(({ id }) => id === records)?.createdAt ?? 0;
}

/** Records that are not under the present keys yet. */
export function countOutdated(vault: Vault): number {
  return isUnfinished(vault.keks()) ? vault.rows.countNotUnder(currentKeks(vault.keks())) : 0;
}

export interface NewRoot {
  /** Tickets of the slots that stay (`proveSlots`). */
  proofs: readonly string[];
  /** Ids of the slots that go: exactly the others. */
  dropped: readonly string[];
  /** ms since epoch */
  createdAt: number;
  event: AuditEvent;
}

/**
 * Gives the vault another root key, in one transaction. Nothing else may be about to write slots: what they wrap is the root key of when they were made.
 *
 * @throws InvalidInput (slots are neither proved nor given up), VaultTampered, DiskFull; then nothing has changed.
 */
export async function replaceRoot(vault: Vault, { proofs, dropped, createdAt, event }: NewRoot): Promise<void> {
  await vault.rewrite(async ({ rows, hsm, head }) => {
    const disk = readDiskHead(rows);
    if (disk.state.generation !== head.generation) throw changedMeanwhile();
    const change = vault.withPending({ audit: [event] });
    const made = await hsm.call('stageRoot', {
      proofs: [...proofs],
      head: disk.state,
      headMac: disk.stored.mac,
      pages: disk.pages.map(({ page, entries }) => ({ page, entries })),
      audit: packEvents((change.audit ?? []).map(encodeAuditEvent)),
      createdAt,
      dropped: [...dropped],
      marks: marksOf(rows, disk.pages),
    });
    const { slots, keks, pages, logKey, headMac } = made;
    const audit = numberedRows(made.audit, disk.state.auditSeq);
    if (audit?.length !== change.audit?.length) {
      await hsm.call('adoptRoot', { written: false });
      throw incomplete();
    }
    return {
      sealed: made,
      change: {
        ...{ headMac, pages, audit: audit ?? [], logKey, records: [] },
        head: { ...head, generation: head.generation + 1, slots, keks },
        slots: true,
        keks: true,
        clearPending: change.clearPending === true,
      },
      settled: async (written) => {
        await hsm.call('adoptRoot', { written });
      },
    };
  });
}

/** For each entry of all pages, in order, what binds its record as it is. Throws where that is not what the page lists. */
function marksOf(rows: Rows, pages: readonly StoredPage[]): Uint8Array {
  const marks: Uint8Array[] = [];
  for (const { page, entries } of pages) {
    for (const entry of decodePage(page, entries)) {
      const sealed = rows.record(entry.id)?.sealed;
      if (sealed === undefined || !isOfEntry(sealed, entry)) throw changedMeanwhile();
      marks.push(markOf(sealed));
    }
  }
  return concat(...marks);
}

function changedMeanwhile(): KeyholdError {
  return tampered([
    { severity: 'error', where: 'head', what: 'edited', message: 'it was changed while the vault was open' },
  ]);
}

/** Brings the next records that follow `after` ('' for the first) under the present keys. Answers where it ended, null when there was nothing left, and how many. */
export async function resealNext(
  vault: Vault,
  after: string,
  atMost = BATCH,
): Promise<{ after: string | null; count: number }> {
  let last: string | null = null;
  let count = 0;
  await vault.rewrite(async ({ rows, hsm, head, records }) => {
    const batch = withinBytes(rows.recordsNotUnder(currentKeks(head.keks), after, atMost));
    const touched = [...new Set(batch.map(({ id }) => pageOf(id)))];
    if (batch.length === 0) return null;
    const next = { ...head, generation: head.generation + 1 };
    const made = await hsm.call('resealRecords', {
      records: together(batch),
      pages: touched.map((page) => ({ page, entries: records.pages[page] ?? new Uint8Array() })),
      head: next,
    });
    if (made.pages.length !== touched.length) throw incomplete();
    last = batch.at(-1)?.id ?? null;
    count = batch.length;
    const { headMac, pages } = made;
    const changed = { records: resealed(batch, made.records), pages, sameContent: true };
    return { sealed: made, change: { head: next, headMac, ...changed } };
  });
  return { after: last, count };
}

/** Id and length-prefixed content of each: written into one buffer, for there are fifty thousand of them. */
function together(batch: readonly StoredRecord[]): Uint8Array {
  const whole = Buffer.alloc(batch.reduce((bytes, { sealed }) => bytes + RECORD_HEAD_BYTES + sealed.length, 0));
  let at = 0;
  for (const { id, sealed } of batch) {
    at += whole.write(id, at, 'hex');
    at = whole.writeUInt32BE(sealed.length, at);
    whole.set(sealed, at);
    at += sealed.length;
  }
  return whole;
}

/** The rows with what is in the places of theirs now. */
function resealed(batch: readonly StoredRecord[], records: Uint8Array): StoredRecord[] {
  let end = 0;
  const rows = batch.map((row) => {
    const start = end + RECORD_HEAD_BYTES;
    end = start + row.sealed.length;
    return { ...row, sealed: records.subarray(start, end) };
  });
  if (end !== records.length) throw incomplete();
  return rows;
}

/** At least one. */
function withinBytes<T extends { sealed: Uint8Array }>(rows: readonly T[]): T[] {
  let bytes = 0;
  return rows.filter(({ sealed }, index) => {
    bytes += sealed.length;
    return index === 0 || bytes <= BATCH_BYTES;
  });
}

/** Opens every record and object there is. Throws `VaultTampered` with those that do not open. */
export async function verifyRecords(vault: Vault): Promise<void> {
  const findings = await checkRecords(vault, vault.hsm);
  if (findings.length > 0) throw tampered(findings);
}

/** Takes the KEKs before the present ones away, if no record is under them. False where one is: then nothing has changed. */
export async function retireKeks(vault: Vault, event: AuditEvent): Promise<boolean> {
  try {
    await vault.transact(async (view) => {
      const present = view.keks();
      if (!isUnfinished(present) || vault.rows.countNotUnder(currentKeks(present)) > 0) throw NOT_YET;
      const { state, stored, pages } = readDiskHead(vault.rows);
      const { keks } = await vault.hsm.call('retireKeks', {
        ...{ keks: [...present], head: state, headMac: stored.mac },
        pages: pages.map(({ page, entries }) => ({ page, entries })),
      });
      return { keks, audit: [event] };
    });
    return true;
  } catch (error) {
    if (error === NOT_YET) return false;
    throw error;
  }
}

const NOT_YET = new Error('A record is still under a key before the present ones.');
