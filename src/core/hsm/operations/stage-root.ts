import { KeyholdError } from '../../../contract/errors.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { chainAuditEvents } from '../audit-chain.ts';
import { countOutdated, MARK_BYTES, outdatedPage } from '../entry-content.ts';
import { bytesOf, fieldsOf, instantOf, integerOf, invalid, listOf } from '../input.ts';
import { firstLockedKey, lockedLogRecipient } from '../locked-log.ts';
import { ENTRY_BYTES, headMac, MAC_BYTES, pageMac } from '../manifest.ts';
import type { HeadState, HsmOutput, KekRow, SlotRow } from '../protocol.ts';
import { type ProvedSlot, readSlot } from '../slot.ts';
import { type NextKeys, type TokenState, type VaultKeys, workingKeys } from '../state.ts';
import { followedHead, usersEntry } from '../users/follow.ts';
import { headMark, kekMarks } from '../users/head-mark.ts';
import { type UsersAt, usersNow } from '../users/state.ts';
import { auditEventsOf, headOf, type NewPage, newPagesOf, slotIdOf, storedMacOf } from '../vault-input.ts';
import { KEY_BYTES, kekTampered, kekWrap, makeKek, namingBytes, openVaultKeys, pastLogBytes } from '../vault-keys.ts';
import { MOST_PROOFS, provedBy, ticketOf } from './prove-slots.ts';

const MOST_SLOTS = 256;
const HIGHEST_KEK = 0xffff_ffff;
const MOST_MARKS = 64 * 1024 * 1024;

interface Asked {
  head: HeadState;
  pages: readonly NewPage[];
  events: readonly Uint8Array[];
  createdAt: number;
  dropped: readonly string[];
  /** One mark for each entry, in the order of pages and entries. */
  marks: Uint8Array;
}

/** Makes all of a vault's state under a new root key, for one transaction. Nothing here changes what the process works with. */
export async function stageRoot(state: TokenState, input: unknown): Promise<HsmOutput<'stageRoot'>> {
  const fields = fieldsOf(input, 'input', [
    ...['proofs', 'head', 'headMac', 'pages', 'audit', 'createdAt', 'dropped', 'marks'],
  ]);
  const asked: Asked = {
    head: headOf(fields['head']),
    pages: newPagesOf(fields['pages']),
    events: auditEventsOf(fields['audit']),
    createdAt: instantOf(fields['createdAt'], 'createdAt'),
    dropped: listOf(fields['dropped'], 'dropped', MOST_SLOTS, slotIdOf),
    marks: bytesOf(fields['marks'], 'marks', 0, MOST_MARKS),
  };
  const tickets = listOf(fields['proofs'], 'proofs', MOST_PROOFS, ticketOf);
  const keys = workingKeys(state);
  usersNow(state);
  const users = followedHead(state, { ...asked.head, generation: asked.head.generation + 1 });
  requireWhole(keys, asked, storedMacOf(fields['headMac'], 'headMac'));
  requireMarks(asked);
  const proved = provedBy(state, tickets);
  const rootKey = state.ports.random.bytes(KEY_BYTES);
  try {
    const made = await makeUnder(state, keys, asked, rewrapSlots(state, asked, proved, rootKey), rootKey);
    forgetNext(state);
    state.next = { ...made.next, users: withMark(users, made.answer.pages) };
    return made.answer;
  } finally {
    wipe(rootKey);
  }
}

/** As the page lists the HSM's users from then on. */
function withMark(users: UsersAt, pages: HsmOutput<'stageRoot'>['pages']): UsersAt {
  const listed = pages.find(({ page }) => page === 0);
  const entry = listed === undefined ? null : usersEntry(listed.entries);
  return entry === null || users.roster === null ? users : { ...users, tag: entry.tag };
}

export function adoptRoot(state: TokenState, input: unknown): HsmOutput<'adoptRoot'> {
  const { written } = fieldsOf(input, 'input', ['written']);
  if (typeof written !== 'boolean') throw invalid('written', 'true or false');
  const before = workingKeys(state);
  const { next } = state;
  if (next === null) throw new KeyholdError('InvalidInput', 'No new root key waits to be taken. Begin again.');
  if (!written) {
    forgetNext(state);
    return {};
  }
  const { users } = state;
  state.next = null;
  state.keys = next.keys;
  state.proofs.clear();
  users.base = { ...next.users, mark: next.mark };
  users.tip = null;
  users.keks = next.keks;
  users.nextKeks = null;
  wipe(before.rootKey, before.naming);
  return {};
}

function forgetNext(state: TokenState): void {
  wipe(state.next?.keys.rootKey, state.next?.keys.naming);
  state.next = null;
}

/** Only a head that verifies, with pages that it was made over, is carried over to other keys. */
export function requireWhole(
  keys: VaultKeys,
  { head, pages }: Pick<Asked, 'head' | 'pages'>,
  stored: Uint8Array,
): void {
  const found = new Map(pages.map((one) => [one.page, one.entries]));
  const wrong =
    !equal(headMac(keys.manifest, keys.vaultId, head), stored) ||
    !pageNumbers(head).every((page) => {
      const mac = head.pageMacs.subarray(page * MAC_BYTES, (page + 1) * MAC_BYTES);
      const entries = found.get(page);
      return entries === undefined
        ? mac.every((byte) => byte === 0)
        : entries.length > 0 && equal(pageMac(keys.manifest, keys.vaultId, page, entries), mac);
    });
  if (!wrong) return;
  throw new KeyholdError(
    'VaultTampered',
    'The vault does not verify, so its keys were not changed. Run "keyhold vault check".',
    {
      findings: [{ severity: 'error', where: 'head', what: 'edited', message: 'it is not what its MAC was made over' }],
    },
  );
}

/** Nothing is outdated twice: what is would be opened by nothing that stays. */
function requireMarks({ pages, marks }: Asked): void {
  const entries = pages.reduce((sum, page) => sum + page.entries.length / ENTRY_BYTES, 0);
  if (marks.length !== entries * MARK_BYTES) throw invalid('marks', 'one for each record');
  if (pages.some((page) => countOutdated(page.entries) > 0))
    throw invalid('pages', 'of a vault whose records are under the present keys');
}

function pageNumbers({ pageMacs }: HeadState): number[] {
  return Array.from({ length: pageMacs.length / MAC_BYTES }, (_, page) => page);
}

/** The proved slots, for the new root key. Refuses to leave out any but those that were named. */
function rewrapSlots(
  state: TokenState,
  { head, dropped }: Asked,
  proved: readonly ProvedSlot[],
  rootKey: Uint8Array,
): SlotRow[] {
  const rows = head.slots.map((row) => {
    const proof = proved.find(
      (one) => equal(one.row.descriptor, row.descriptor) && equal(one.row.wrapped, row.wrapped),
    );
    return { row, rewrapped: proof?.rewrap(state.ports.random, rootKey) };
  });
  const lost = rows.flatMap(({ row, rewrapped }) => (rewrapped === undefined ? [slotIdIn(row.descriptor)] : []));
  const named = new Set(dropped);
  const slots = rows.flatMap(({ rewrapped }) => rewrapped ?? []);
  if (slots.length === 0 || lost.length !== named.size || !lost.every((id) => named.has(id))) {
    throw new KeyholdError(
      'InvalidInput',
      'The ways in that were proved and those to be given up are not all there are. List them with "keyhold vault slot list" and begin again.',
      { lost },
    );
  }
  return slots;
}

/** A slot that this version cannot read has no id to name it by. */
function slotIdIn(descriptor: Uint8Array): string {
  const reading = readSlot(descriptor);
  return reading.usable ? reading.id : '';
}

async function makeUnder(
  state: TokenState,
  keys: VaultKeys,
  { head, pages, events, createdAt, marks }: Asked,
  slots: SlotRow[],
  rootKey: Uint8Array,
): Promise<{ answer: HsmOutput<'stageRoot'>; next: Omit<NextKeys, 'users'> }> {
  const keks = newKeks(state, keys, head, createdAt, rootKey);
  const next = openVaultKeys(new Uint8Array(rootKey), keys.vaultId, keks, false);
  const from = { seq: head.auditSeq, previousHash: head.auditHash };
  const { packed: audit, lastHash: auditHash } = chainAuditEvents(next, state.ports.random, from, events);
  const auditSeq = head.auditSeq + events.length;
  const pageMacs = new Uint8Array(head.pageMacs.length);
  let marked = 0;
  const sealedPages = pages.map(({ page, entries: before }) => {
    const length = (before.length / ENTRY_BYTES) * MARK_BYTES;
    const entries = outdatedPage(before, marks.subarray(marked, marked + length));
    marked += length;
    const mac = pageMac(next.manifest, next.vaultId, page, entries);
    pageMacs.set(mac, page * MAC_BYTES);
    return { page, entries, mac };
  });
  const after: HeadState = { generation: head.generation + 1, pageMacs, slots, keks, auditSeq, auditHash };
  const { publicKey } = await lockedLogRecipient(next);
  return {
    answer: {
      slots,
      keks,
      pages: sealedPages,
      audit,
      headMac: headMac(next.manifest, next.vaultId, after),
      lockedKey: firstLockedKey(next, auditSeq, auditHash),
      logKey: bytesOf(new Uint8Array(publicKey), 'logKey', 32, 32),
    },
    next: { keys: next, mark: headMark(after), keks: kekMarks(keks) },
  };
}

/** All rows there are, for the new root key, and with them new KEKs and what the present root key leaves behind. */
function newKeks(
  state: TokenState,
  keys: VaultKeys,
  head: HeadState,
  createdAt: number,
  rootKey: Uint8Array,
): KekRow[] {
  const { random } = state.ports;
  const from = kekWrap(keys.rootKey, keys.vaultId, random);
  const to = kekWrap(rootKey, keys.vaultId, random);
  const rewrap = (row: Omit<KekRow, 'wrapped'>, bytes: Uint8Array | null): KekRow => {
    if (bytes === null) throw kekTampered(`kek ${row.id}`);
    try {
      return to.wrap(row, bytes);
    } finally {
      wipe(bytes);
    }
  };
  const kept = head.keks.map((row) => rewrap(row, from.open(row)));
  let id = integerOf(Math.max(0, ...kept.map((row) => row.id)), 'keks.id', 0, HIGHEST_KEK - 4);
  const fresh = [
    makeKek(rootKey, keys.vaultId, random, { id: ++id, purpose: 'records', createdAt }),
    makeKek(rootKey, keys.vaultId, random, { id: ++id, purpose: 'objects', createdAt }),
    rewrap({ id: ++id, purpose: 'log', createdAt }, pastLogBytes(keys.rootKey, keys.vaultId, head.auditSeq)),
  ];
  if (keys.naming === null) fresh.push(rewrap({ id: ++id, purpose: 'naming', createdAt }, namingBytes(keys)));
  return [...kept, ...fresh];
}
