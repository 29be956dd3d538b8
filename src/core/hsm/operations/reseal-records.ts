import { KeyholdError } from '../../../contract/errors.ts';
import { toHex, u64 } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, recordIdBytes } from '../input.ts';
import { isSealedKind, KIND_NUMBERS, USERS_ID } from '../kinds.ts';
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
import type { HeadState, HsmOutput } from '../protocol.ts';
import { openRecord, type RecordName, sealRecord, tagOf } from '../sealed-record.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { admitReseal, followed } from '../users/follow.ts';
import { headOf, newPagesOf, storedRecordsOf } from '../vault-input.ts';
import { currentKek } from '../vault-keys.ts';

const ID_BYTES = 16;

/** One transaction that changes nothing but the keys under which records are sealed: whoever could read them can, and nobody else. */
export function resealRecords(state: TokenState, input: unknown): HsmOutput<'resealRecords'> {
  const fields = fieldsOf(input, 'input', ['records', 'pages', 'head']);
  const given = storedRecordsOf(fields['records']);
  const head = headOf(fields['head']);
  const keys = workingKeys(state);
  const before = admitReseal(state, head);
  const pages = new Map(
    newPagesOf(fields['pages']).map(({ page, entries }) => {
      if (!equal(macOf(head, page), pageMac(keys.manifest, keys.vaultId, page, entries))) {
        throw changed(`page ${page}`, 'it is not what the head was made over');
      }
      return [page, new Uint8Array(entries)];
    }),
  );
  const { random } = state.ports;
  const current = { records: currentKek(keys, 'records'), objects: currentKek(keys, 'objects') };
  let users = before;
  const records = given.map(({ sealed, ...name }) => {
    const entry = entryOf(pages, name);
    const plaintext =
      entry !== null && equal(entry.subarray(ENTRY_TAG_AT), tagOf(sealed)) ? openRecord(keys, name, sealed) : null;
    if (entry === null || plaintext === null)
      throw changed(`record ${name.kind} ${name.id}`, 'its content does not verify');
    try {
      const kek = isSealedKind(name.kind) ? current.objects : current.records;
      const resealed = sealRecord(keys, kek, random, name, plaintext);
      entry.set(tagOf(resealed), ENTRY_TAG_AT);
      if (name.id === USERS_ID) users = { ...users, tag: toHex(tagOf(resealed)) };
      return { ...name, sealed: resealed };
    } finally {
      wipe(plaintext);
    }
  });
  const pageMacs = new Uint8Array(head.pageMacs);
  const sealedPages = [...pages].map(([page, entries]) => {
    const mac = pageMac(keys.manifest, keys.vaultId, page, entries);
    pageMacs.set(mac, page * MAC_BYTES);
    return { page, entries, mac };
  });
  followed(state, { before, after: users }, { ...head, pageMacs });
  return {
    records,
    pages: sealedPages,
    headMac: headMac(keys.manifest, keys.vaultId, { ...head, pageMacs }),
    lockedKey: firstLockedKey(keys, head.auditSeq, head.auditHash),
  };
}

function macOf({ pageMacs }: HeadState, page: number): Uint8Array {
  return pageMacs.subarray(page * MAC_BYTES, (page + 1) * MAC_BYTES);
}

/** The entry of exactly this record, on the page of its id; a view that may be written to. */
function entryOf(pages: ReadonlyMap<number, Uint8Array>, { id, kind, version }: RecordName): Uint8Array | null {
  const wanted = recordIdBytes(id);
  const entries = pages.get(wanted[0] ?? 0) ?? new Uint8Array();
  let [low, high] = [0, entries.length / ENTRY_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries.subarray(middle * ENTRY_BYTES, (middle + 1) * ENTRY_BYTES);
    const order = Buffer.compare(wanted, entry.subarray(0, ID_BYTES));
    if (order === 0) {
      const same =
        entry[ENTRY_KIND_AT] === KIND_NUMBERS[kind] &&
        equal(entry.subarray(ENTRY_VERSION_AT, ENTRY_KIND_AT), u64(version));
      return same ? entry : null;
    }
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return null;
}

function changed(where: string, message: string): KeyholdError {
  return new KeyholdError(
    'VaultTampered',
    `The vault was changed from outside (${where}: edited). Restore a backup you trust with "keyhold hsm restore".`,
    { findings: [{ severity: 'error', where, what: 'edited', message }] },
  );
}
