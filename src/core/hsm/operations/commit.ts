import { toHex, u64 } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { chainAuditEvents } from '../audit-chain.ts';
import { fieldsOf, invalid, recordIdBytes } from '../input.ts';
import { KIND_NUMBERS } from '../kinds.ts';
import { firstLockedKey } from '../locked-log.ts';
import {
  ENTRY_BYTES,
  ENTRY_KIND_AT,
  ENTRY_TAG_AT,
  ENTRY_VERSION_AT,
  headMac,
  MAC_BYTES,
  pageMac,
} from '../manifest.ts';
import { noteCommitted } from '../otp/claims.ts';
import type { HeadState, HsmOutput } from '../protocol.ts';
import { type RecordName, sealRecord, tagOf } from '../sealed-record.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { admitCommit, followed, sameKeks } from '../users/follow.ts';
import { kekMarks } from '../users/head-mark.ts';
import { auditEventsOf, headOf, newPagesOf, type Page, plainRecordsOf, sealedRecordsOf } from '../vault-input.ts';
import { currentKek } from '../vault-keys.ts';

const ID_BYTES = 16;

/** One transaction: seal, fill in the manifest tags, chain the audit events, MAC pages and head. */
export function commit(state: TokenState, input: unknown): HsmOutput<'commit'> {
  const fields = fieldsOf(input, 'input', ['records', 'pages', 'audit', 'head', 'removed', 'added']);
  const plain = plainRecordsOf(fields['records']);
  const given = newPagesOf(fields['pages']);
  const pages = given.map(({ page, entries }) => ({ page, entries: new Uint8Array(entries) }));
  const events = auditEventsOf(fields['audit']);
  const head = headOf(fields['head']);
  const keys = workingKeys(state);
  const { random } = state.ports;

  const removed = fields['removed'] === undefined ? [] : sealedRecordsOf(fields['removed'], 'objects');
  const added = fields['added'] === undefined ? [] : sealedRecordsOf(fields['added'], 'objects');
  const entryOf = indexEntries(pages);
  const admitted = admitCommit(state, { pages: given, head, removed, added });
  const kek = currentKek(keys, 'records');
  const records = plain.map(({ plaintext, ...name }) => {
    const entry = takeEntry(entryOf, name);
    const sealed = sealRecord(keys, kek, random, name, plaintext);
    entry.set(tagOf(sealed), ENTRY_TAG_AT);
    return { ...name, sealed };
  });
  for (const entry of entryOf.values()) {
    if (entry.subarray(ENTRY_TAG_AT).every((byte) => byte === 0)) {
      throw invalid('pages.entries', 'free of entries without a tag, except of records in this transaction');
    }
  }

  const end = { seq: head.auditSeq, previousHash: head.auditHash };
  const { packed: audit, lastHash: auditHash } = chainAuditEvents(keys, state.nonces, end, events);
  const auditSeq = head.auditSeq + events.length;

  const pageMacs = new Uint8Array(head.pageMacs);
  const sealedPages = pages.map(({ page, entries }) => {
    const mac = entries.length === 0 ? new Uint8Array(MAC_BYTES) : pageMac(keys.manifest, keys.vaultId, page, entries);
    pageMacs.set(mac, page * MAC_BYTES);
    return { page, entries, mac };
  });
  followed(state, admitted, { generation: head.generation, pageMacs, auditSeq, auditHash });
  forgetRetired(state, head);
  noteCommitted(state.otp, sealedPages);
  return {
    records,
    pages: sealedPages,
    audit,
    headMac: headMac(keys.manifest, keys.vaultId, { ...head, pageMacs, auditSeq, auditHash }),
    lockedKey: firstLockedKey(keys, auditSeq, auditHash),
  };
}

/** KEKs that no record is under any more open nothing from the commit on that takes them away. */
function forgetRetired(state: TokenState, { keks }: HeadState): void {
  const { nextKeks } = state.users;
  if (nextKeks === null || !sameKeks(nextKeks, kekMarks(keks))) return;
  const keys = workingKeys(state);
  const stay = new Set(keks.map(({ id }) => id));
  state.keys = { ...keys, keks: new Map([...keys.keks].filter(([id]) => stay.has(id))) };
}

/** Entries by record id. Refuses pages that are unsorted, repeat an id or list another page's record. */
function indexEntries(pages: readonly Page[]): Map<string, Uint8Array> {
  const entryOf = new Map<string, Uint8Array>();
  for (const { page, entries } of pages) {
    let previous: Uint8Array | undefined;
    for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
      const entry = entries.subarray(at, at + ENTRY_BYTES);
      const id = entry.subarray(0, ID_BYTES);
      if (id[0] !== page) throw invalid('pages.entries', 'on the page of their id’s first byte');
      if (previous !== undefined && Buffer.compare(previous, id) >= 0) throw invalid('pages.entries', 'sorted by id');
      previous = id;
      entryOf.set(toHex(id), entry);
    }
  }
  return entryOf;
}

/** The untagged entry of a record about to be sealed; each record has one, and each is sealed once. */
function takeEntry(entryOf: ReadonlyMap<string, Uint8Array>, record: RecordName): Uint8Array {
  const entry = entryOf.get(record.id);
  const fits =
    entry !== undefined &&
    equal(entry.subarray(0, ID_BYTES), recordIdBytes(record.id)) &&
    equal(entry.subarray(ENTRY_VERSION_AT, ENTRY_KIND_AT), u64(record.version)) &&
    entry[ENTRY_KIND_AT] === KIND_NUMBERS[record.kind] &&
    entry.subarray(ENTRY_TAG_AT).every((byte) => byte === 0);
  if (!fits) throw invalid('pages.entries', 'complete: one entry with an empty tag for every record');
  return entry;
}
