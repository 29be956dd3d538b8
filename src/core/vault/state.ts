import type { Finding } from '../../contract/schemas.ts';
import { equal } from '../crypto/equal.ts';
import type { HeadState, Hsm } from '../hsm/protocol.ts';
import { compareRecords, type RecordFinding } from './compare-records.ts';
import { finding, tampered } from './findings.ts';
import { compareParts, headParts, PARTS_BYTES } from './head-parts.ts';
import { decodePage, type ManifestEntry, PAGE_COUNT } from './manifest.ts';
import { nameOfRecord } from './name-of-record.ts';
import type { Rows, StoredAudit, StoredHead, StoredPage } from './rows.ts';
import { META_KEYS } from './schema.ts';

/** The head and everything its MAC covers, as it is on disk. */
export interface DiskHead {
  state: HeadState;
  stored: StoredHead;
  pages: StoredPage[];
}

export function readDiskHead(rows: Rows): DiskHead {
  const stored = rows.head();
  const pages = rows.pages();
  const pageMacs = new Uint8Array(PAGE_COUNT * 32);
  for (const page of pages) pageMacs.set(page.mac, page.page * 32);
  const state: HeadState = {
    generation: stored.generation,
    pageMacs,
    slots: rows.slots(),
    keks: rows.keks(),
    auditSeq: stored.auditSeq,
    auditHash: stored.auditHash,
  };
  return { state, stored, pages };
}

/** What the head's `parts` say about a head whose MAC does not verify. Never empty. */
export function explainHead(head: DiskHead): Finding[] {
  const { state, stored } = head;
  if (stored.parts.length !== PARTS_BYTES) return [finding('head', 'edited', 'its list of parts has a wrong length')];
  const difference = compareParts(stored.parts, headParts(state));
  const present = new Set(head.pages.map((page) => page.page));
  const findings = difference.pages.map((page) =>
    present.has(page)
      ? finding(`page ${page}`, 'rolled back', 'this page of the manifest is not the one the head was made over')
      : finding(`page ${page}`, 'deleted', 'this page of the manifest is gone'),
  );
  if (difference.slots) findings.push(finding('slots', 'edited', 'a slot was changed, added, removed or put back'));
  if (difference.keks) findings.push(finding('keks', 'edited', 'a key-encryption key was changed, added or removed'));
  if (findings.length === 0) findings.push(finding('head', 'edited', 'its generation, audit end or MAC was changed'));
  return findings;
}

/** The audit log's last row against the head. */
export function checkAuditTail(head: StoredHead, last: StoredAudit | null): Finding[] {
  const seq = last?.seq ?? 0;
  if (seq < head.auditSeq) {
    return [finding(`audit entry ${seq + 1}`, 'deleted', `the log ends at ${seq}; the head says ${head.auditSeq}`)];
  }
  if (seq > head.auditSeq) return [finding(`audit entry ${seq}`, 'unknown', 'the log is longer than the head says')];
  if (last !== null && !equal(last.hash, head.auditHash)) {
    return [finding(`audit entry ${seq}`, 'edited', 'its hash is not the one in the head')];
  }
  return [];
}

/** Everything but contents, read and compared with itself: nothing of it is worth anything until `verifyState` has checked the MACs over it. */
export interface DiskState {
  head: DiskHead;
  /** Rows that are not what the pages say. */
  wrong: RecordFinding[];
  /** Pages without records, which have no row in a vault of ours. */
  emptyPages: Finding[];
  /** Audit tail and `meta`. */
  rest: Finding[];
}

/**
 * The part of `readState` that needs no HSM; it takes time in proportion to the number of records, so an unlock does it while the HSM works on the secret. Throws
 * `VaultCorrupt` for what is not even of the right form.
 */
export function readDisk(rows: Rows, head: DiskHead = readDiskHead(rows)): DiskState {
  const emptyPages = head.pages
    .filter((page) => page.entries.length === 0)
    .map((page) => finding(`page ${page.page}`, 'unknown', 'a page without records has no row'));
  const wrong = compareRecords(rows.headers(), listed(head.pages), (id) => rows.record(id)?.sealed);
  const rest = checkAuditTail(head.stored, rows.auditLast());
  for (const key of rows.metaKeys()) {
    if (!META_KEYS.has(key)) rest.push(finding(`meta ${key}`, 'unknown', 'no vault has this value'));
  }
  return { head, wrong, emptyPages, rest };
}

/** What all pages list, page by page, so that never more than one is in memory as objects. */
function listed(pages: readonly StoredPage[]): Iterable<ManifestEntry> {
  return {
    *[Symbol.iterator]() {
      for (const { page, entries } of pages) yield* decodePage(page, entries);
    },
  };
}

export interface ReadState {
  head: DiskHead;
  findings: Finding[];
}

/**
 * Reads everything but contents and compares it: head MAC, page MACs, every row against its page, audit tail, `meta`. Needs an HSM
 * that holds this vault's root key. Never decrypts records (except to name those that are wrong).
 */
export function readState(rows: Rows, hsm: Hsm): Promise<ReadState> {
  return verifyState(rows, hsm, readDisk(rows));
}

/** The MACs over what has been read from the disk. */
export async function verifyState(rows: Rows, hsm: Hsm, disk: DiskState): Promise<ReadState> {
  const { head } = disk;
  const findings: Finding[] = [];
  const { ok } = await hsm.call('verifyHead', { head: head.state, headMac: head.stored.mac });
  if (!ok) findings.push(...explainHead(head));
  else if (!equal(head.stored.parts, headParts(head.state))) {
    findings.push(finding('head', 'edited', 'its list of parts differs from the parts'));
  }
  const { broken } = await hsm.call('verifyPages', { pages: head.pages });
  for (const page of broken) findings.push(finding(`page ${page}`, 'edited', 'its MAC does not verify'));
  findings.push(...disk.emptyPages, ...(await withNames(rows, hsm, disk.wrong)), ...disk.rest);
  return { head, findings };
}

/** At most this many wrong rows get their name looked up. */
const NAMED_AT_MOST = 50;

async function withNames(rows: Rows, hsm: Hsm, wrong: readonly RecordFinding[]): Promise<Finding[]> {
  const out: Finding[] = [];
  for (const [index, { id, ...rest }] of wrong.entries()) {
    const name = id === undefined || index >= NAMED_AT_MOST ? null : await nameOfRecord(rows, hsm, id);
    out.push(name === null ? rest : { ...rest, message: `“${name}”: ${rest.message}` });
  }
  return out;
}

/** Throws `VaultTampered` with every finding. */
export function refuseFindings(findings: readonly Finding[]): void {
  if (findings.length > 0) throw tampered(findings);
}
