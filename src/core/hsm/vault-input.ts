import { isAcceptableArgon2Cost } from '../crypto/kdf.ts';
import { unpackEvents } from '../crypto/packed-audit.ts';
import { AUDIT_HASH_BYTES, type AuditRow } from './audit-chain.ts';
import {
  bytesOf,
  type Fields,
  fieldsOf,
  instantOf,
  integerOf,
  invalid,
  listOf,
  MOST_COUNTED,
  matchOf,
  oneOf,
  recordIdOf,
  textOf,
  versionOf,
} from './input.ts';
import { isRecordKind, isSealedKind } from './kinds.ts';
import { ENTRY_BYTES, PAGE_MACS_BYTES, PAGES } from './manifest.ts';
import type { Argon2Params, HeadState, KekRow, SlotRow } from './protocol.ts';
import type { RecordName } from './sealed-record.ts';
import type { NewSlot } from './slot.ts';
import { VAULT_ID_BYTES } from './vault-keys.ts';

/** Checked forms of the vault's rows as they arrive from the daemon. */

const MOST_SLOTS = 256;
const LONGEST_SLOT_LABEL = 128;
export const MOST_KEKS = 65_536;
const MOST_ROWS = 1_000_000;
const LONGEST_DESCRIPTOR = 65_536;
const LONGEST_WRAPPED = 1024;
export const LONGEST_PAYLOAD = 16 * 1024 * 1024;
export const LONGEST_SEALED = LONGEST_PAYLOAD + 1024;
const LONGEST_AUDIT_EVENT = 1024 * 1024;
/** All events of a transaction: what is recorded while the vault is locked enters in one. */
const LONGEST_AUDIT = 256 * LONGEST_AUDIT_EVENT;
const U32_MAX = 0xffff_ffff;

export function vaultIdOf(value: unknown): Uint8Array {
  return bytesOf(value, 'vaultId', VAULT_ID_BYTES, VAULT_ID_BYTES);
}

export function kdfOf(value: unknown): Argon2Params {
  const fields = fieldsOf(value, 'kdf', ['memoryKiB', 'passes', 'parallelism', 'measuredMs']);
  const cost = {
    memoryKiB: integerOf(fields['memoryKiB'], 'kdf.memoryKiB', 1, U32_MAX),
    passes: integerOf(fields['passes'], 'kdf.passes', 1, U32_MAX),
    parallelism: integerOf(fields['parallelism'], 'kdf.parallelism', 1, 255),
  };
  if (!isAcceptableArgon2Cost(cost)) throw invalid('kdf', 'between 64 MiB, 3 passes and 4 GiB, 64 passes, one lane');
  return cost;
}

export function slotIdOf(value: unknown, name: string): string {
  return matchOf(value, name, /^[0-9a-f]{16}$/, '16 lower-case hex digits');
}

/** Of an input that a slot is made from. */
export function newSlotOf(fields: Fields): NewSlot {
  return {
    id: slotIdOf(fields['id'], 'id'),
    label: textOf(fields['label'], 'label', 1, LONGEST_SLOT_LABEL),
    createdAt: instantOf(fields['createdAt'], 'createdAt'),
  };
}

export function slotRowOf(value: unknown, name: string): SlotRow {
  const fields = fieldsOf(value, name, ['descriptor', 'wrapped']);
  return {
    descriptor: bytesOf(fields['descriptor'], `${name}.descriptor`, 0, LONGEST_DESCRIPTOR),
    wrapped: bytesOf(fields['wrapped'], `${name}.wrapped`, 0, LONGEST_WRAPPED),
  };
}

export function slotRowsOf(value: unknown, name: string): SlotRow[] {
  return listOf(value, name, MOST_SLOTS, slotRowOf);
}

export function kekRowOf(value: unknown, name: string): KekRow {
  const fields = fieldsOf(value, name, ['id', 'purpose', 'createdAt', 'wrapped']);
  return {
    id: integerOf(fields['id'], `${name}.id`, 0, U32_MAX),
    purpose: oneOf(fields['purpose'], `${name}.purpose`, ['records', 'objects', 'log', 'naming']),
    createdAt: instantOf(fields['createdAt'], `${name}.createdAt`),
    wrapped: bytesOf(fields['wrapped'], `${name}.wrapped`, 0, LONGEST_WRAPPED),
  };
}

export function headOf(value: unknown): HeadState {
  const fields = fieldsOf(value, 'head', ['generation', 'pageMacs', 'slots', 'keks', 'auditSeq', 'auditHash']);
  return {
    generation: integerOf(fields['generation'], 'head.generation', 0, Number.MAX_SAFE_INTEGER),
    pageMacs: bytesOf(fields['pageMacs'], 'head.pageMacs', PAGE_MACS_BYTES, PAGE_MACS_BYTES),
    slots: slotRowsOf(fields['slots'], 'head.slots'),
    keks: listOf(fields['keks'], 'head.keks', MOST_KEKS, kekRowOf),
    auditSeq: integerOf(fields['auditSeq'], 'head.auditSeq', 0, MOST_COUNTED),
    auditHash: bytesOf(fields['auditHash'], 'head.auditHash', AUDIT_HASH_BYTES, AUDIT_HASH_BYTES),
  };
}

/** A MAC from the file: any length is a question with the answer "no", not bad input. */
export function storedMacOf(value: unknown, name: string): Uint8Array {
  return bytesOf(value, name, 0, LONGEST_WRAPPED);
}

export interface Page {
  page: number;
  entries: Uint8Array;
}

/** As it shall be, and as it is, where that has to be known. */
export interface NewPage extends Page {
  before: Uint8Array | undefined;
}

function pageNumberOf(value: unknown): number {
  return integerOf(value, 'page', 0, PAGES - 1);
}

export function entriesOf(value: unknown, name: string): Uint8Array {
  const entries = bytesOf(value, name, 0, MOST_ROWS * ENTRY_BYTES);
  if (entries.length % ENTRY_BYTES !== 0) throw invalid(name, 'whole entries of 41 bytes');
  return entries;
}

export function newPagesOf(value: unknown): NewPage[] {
  const pages = listOf(value, 'pages', PAGES, (item, name) => {
    const fields = fieldsOf(item, name, ['page', 'entries', 'before']);
    const before = fields['before'] === undefined ? undefined : entriesOf(fields['before'], 'pages.before');
    return { page: pageNumberOf(fields['page']), entries: entriesOf(fields['entries'], 'pages.entries'), before };
  });
  if (new Set(pages.map(({ page }) => page)).size !== pages.length) throw invalid('pages', 'each page once');
  return pages;
}

export function storedPagesOf(value: unknown): (Page & { mac: Uint8Array })[] {
  return listOf(value, 'pages', PAGES, (item, name) => {
    const fields = fieldsOf(item, name, ['page', 'entries', 'mac']);
    return {
      page: pageNumberOf(fields['page']),
      entries: bytesOf(fields['entries'], 'pages.entries', 0, LONGEST_PAYLOAD * 4),
      mac: storedMacOf(fields['mac'], 'pages.mac'),
    };
  });
}

export const NAME_FIELDS = ['id', 'kind', 'version'];

export function recordNameOf(fields: Fields): RecordName {
  const kind = textOf(fields['kind'], 'record.kind', 1, 32);
  if (!isRecordKind(kind)) throw invalid('record.kind', 'a known kind of record');
  return {
    id: recordIdOf(fields['id'], 'record.id'),
    kind,
    version: versionOf(fields['version'], 'record.version'),
  };
}

export function plainRecordsOf(value: unknown): (RecordName & { plaintext: Uint8Array })[] {
  return listOf(value, 'records', MOST_ROWS, (item, name) => {
    const fields = fieldsOf(item, name, [...NAME_FIELDS, 'plaintext']);
    const record = recordNameOf(fields);
    if (isSealedKind(record.kind)) throw invalid('record.kind', 'something other than an object');
    return { ...record, plaintext: bytesOf(fields['plaintext'], 'record.plaintext', 0, LONGEST_PAYLOAD) };
  });
}

export function sealedRecordsOf(value: unknown, which: 'objects' | 'records'): (RecordName & { sealed: Uint8Array })[] {
  return listOf(value, 'records', MOST_ROWS, (item, name) => {
    const fields = fieldsOf(item, name, [...NAME_FIELDS, 'sealed']);
    const record = recordNameOf(fields);
    if (isSealedKind(record.kind) !== (which === 'objects')) {
      throw invalid('record.kind', which === 'objects' ? 'object' : 'something other than an object');
    }
    return { ...record, sealed: bytesOf(fields['sealed'], 'record.sealed', 0, LONGEST_SEALED) };
  });
}

export function auditEventsOf(value: unknown): Uint8Array[] {
  const events = unpackEvents(bytesOf(value, 'audit', 0, LONGEST_AUDIT));
  const fits = ({ length }: Uint8Array): boolean => length >= 1 && length <= LONGEST_AUDIT_EVENT;
  if (events === null || events.length > MOST_ROWS || !events.every(fits)) {
    throw invalid('audit', `at most ${MOST_ROWS} events of 1 to ${LONGEST_AUDIT_EVENT} bytes, each after its length`);
  }
  return events;
}

export function auditRowsOf(value: unknown): AuditRow[] {
  return listOf(value, 'rows', MOST_ROWS, (item, name) => {
    const fields = fieldsOf(item, name, ['seq', 'sealed', 'hash', 'mac']);
    return {
      seq: integerOf(fields['seq'], 'rows.seq', 0, Number.MAX_SAFE_INTEGER),
      sealed: bytesOf(fields['sealed'], 'rows.sealed', 0, LONGEST_AUDIT_EVENT * 2),
      hash: bytesOf(fields['hash'], 'rows.hash', 0, LONGEST_WRAPPED),
      mac: storedMacOf(fields['mac'], 'rows.mac'),
    };
  });
}
