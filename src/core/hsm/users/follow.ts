import { KeyholdError } from '../../../contract/errors.ts';
import { toHex, u64 } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { isContentOf, isOutdated, kindOfEntry } from '../entry-content.ts';
import { KIND_NUMBERS, USERS_ID } from '../kinds.ts';
import {
  ENTRY_BYTES,
  ENTRY_KIND_AT,
  ENTRY_TAG_AT,
  ENTRY_VERSION_AT,
  MAC_BYTES,
  PAGE_MACS_BYTES,
  pageMac,
} from '../manifest.ts';
import { openObject } from '../object.ts';
import type { HeadState } from '../protocol.ts';
import type { RecordName } from '../sealed-record.ts';
import { tagOf } from '../sealed-record.ts';
import { type TokenState, workingKeys } from '../state.ts';
import type { NewPage } from '../vault-input.ts';
import { isGuarded } from './guarded.ts';
import { headMark, kekMarks } from './head-mark.ts';
import { spendToken } from './quorum.ts';
import { isRenewed } from './renewal.ts';
import { NOBODY, type UsersAt, usersNow } from './state.ts';

const ID_BYTES = 16;
const USERS_PAGE = 0;
/** How long an export may take once it has been approved and written. */
const EXPORT_MS = 5 * 60_000;

export interface Commit {
  pages: readonly NewPage[];
  head: HeadState;
  removed: readonly (RecordName & { sealed: Uint8Array })[];
  added: readonly (RecordName & { sealed: Uint8Array })[];
}

function rolledBack(where: string, message: string): KeyholdError {
  return new KeyholdError('VaultTampered', `The vault was changed from outside (${where}: rolled back). ${message}`, {
    findings: [{ severity: 'error', where, what: 'rolled back', message }],
  });
}

/** Entry bytes by record id. */
function entriesById(entries: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const entry = entries.subarray(at, at + ENTRY_BYTES);
    found.set(toHex(entry.subarray(0, ID_BYTES)), entry);
  }
  return found;
}

/** What a page says about the users: version and tag of their record; null where it is not there. */
export function usersEntry(entries: Uint8Array): { version: number; tag: string; outdated: boolean } | null {
  for (const [id, entry] of entriesById(entries)) {
    const isUsers = kindOfEntry(entry) === KIND_NUMBERS.hsmUsers;
    if (!isUsers && id !== USERS_ID) continue;
    if (!isUsers || id !== USERS_ID) {
      throw new KeyholdError('InvalidInput', 'The vault process expected the record of HSM users under its own id.');
    }
    const version = Number(Buffer.from(entry).readBigUInt64BE(ENTRY_VERSION_AT));
    return { version, tag: toHex(entry.subarray(ENTRY_TAG_AT)), outdated: isOutdated(entry) };
  }
  return null;
}

/**
 * Decides whether a commit may be made, and answers what the users are after it; the caller takes it over with `followed` once everything else about the commit is in
 * order. While there are users, it has to follow a head that this process has verified or made itself, so that neither they nor their policy can be put back; the record
 * that it brings must be the one that an operation has just sealed; and of KMS key material it takes away nothing but what has been approved.
 *
 * Throws `VaultTampered` for a head that was put back, `QuorumRequired`, `InvalidInput`.
 */
export function admitCommit(state: TokenState, commit: Commit): { before: UsersAt; after: Omit<UsersAt, 'mark'> } {
  const { users } = state;
  usersNow(state);
  const before = followedHead(state, commit.head);
  const page = commit.pages.find((one) => one.page === USERS_PAGE);
  const entry = page === undefined ? undefined : usersEntry(page.entries);
  const { staged } = users;
  const takesStaged =
    entry !== undefined &&
    staged !== null &&
    (entry === null
      ? staged.roster === null && before.roster !== null
      : staged.version === before.version + 1 && entry.version === staged.version && entry.tag === staged.tag);
  const unchanged =
    entry === undefined ||
    (entry === null ? before.roster === null : entry.version === before.version && entry.tag === before.tag);
  if (!takesStaged && !unchanged) {
    throw new KeyholdError('InvalidInput', 'The HSM’s users were changed in the meantime. Try again.');
  }
  requireKeks(state, before, commit.head);
  if (before.roster !== null && before.roster.quorum.key > 0) {
    const allowed = takesStaged ? staged.destroys : new Set<string>();
    // A reset ends the quorum, and takes nothing away itself.
    requireObjectsKept(state, before.roster, commit, allowed);
  }
  const after = takesStaged ? { roster: staged.roster, version: staged.version, tag: staged.tag } : before;
  return { before, after };
}

/** A commit that changes no content has to follow the same head as any other. Throws `VaultTampered`. */
export function admitReseal(state: TokenState, head: HeadState): UsersAt {
  usersNow(state);
  const before = followedHead(state, head);
  requireKeks(state, before, head);
  return before;
}

function requireKeks({ users }: TokenState, before: UsersAt, { keks }: HeadState): void {
  if (before.roster === null) return;
  const marks = kekMarks(keks);
  if (sameKeks(users.keks, marks)) return;
  if (users.nextKeks !== null && sameKeks(users.nextKeks, marks)) return;
  throw rolledBack('keks', 'They are not the key-encryption keys in use, and the vault could not be opened again.');
}

/** Whether these are the rows, all of them and no other. */
export function sameKeks(loaded: readonly string[], given: readonly string[]): boolean {
  const marks = new Set(given);
  return given.length === loaded.length && loaded.every((mark) => marks.has(mark));
}

/** The head that a change with this one follows, as this process knows it. Throws `VaultTampered` for one that was put back. */
export function followedHead({ users }: TokenState, head: HeadState): UsersAt {
  const mark = headMark({ ...head, generation: Math.max(0, head.generation - 1) });
  const { base, tip } = users;
  if (tip?.mark === mark) return tip;
  if (base?.mark === mark) return base;
  // Nobody's users to put back: a vault without them is its owner's alone.
  if ((tip?.roster ?? null) === null && (base?.roster ?? null) === null) return { ...NOBODY, mark };
  throw rolledBack('head', 'The change does not follow the last one that the HSM has seen.');
}

function requireObjectsKept(
  state: TokenState,
  roster: NonNullable<UsersAt['roster']>,
  { pages, head, removed, added }: Commit,
  allowed: ReadonlySet<string>,
): void {
  const keys = workingKeys(state);
  const now = state.ports.clock.now();
  const records = new Map(removed.map((one) => [one.id, one]));
  const lost: string[] = [];
  const written = new Map(pages.flatMap(({ entries }) => [...entriesById(entries)]));
  const renewals = added.filter(({ id, version, sealed }) => isEntryOf(written.get(id), version, sealed));
  for (const { page, entries, before } of pages) {
    const mac = head.pageMacs.subarray(page * MAC_BYTES, (page + 1) * MAC_BYTES);
    const made =
      before === undefined || before.length === 0
        ? new Uint8Array(MAC_BYTES)
        : pageMac(keys.manifest, keys.vaultId, page, before);
    if (before === undefined || head.pageMacs.length !== PAGE_MACS_BYTES || !equal(mac, made)) {
      throw rolledBack(`page ${page}`, 'What it said before the change is not what the HSM has seen.');
    }
    const after = entriesById(entries);
    for (const [id, entry] of entriesById(before)) {
      if (kindOfEntry(entry) !== KIND_NUMBERS.object) continue;
      const next = after.get(id);
      if ((next !== undefined && equal(next, entry)) || allowed.has(id)) continue;
      const record = records.get(id);
      const shown = record !== undefined && isContentOf(entry, record.sealed);
      const object = shown ? openObject(keys, id, record.version, record.sealed) : null;
      // What cannot be told to be something else counts as guarded.
      const guarded = object === null || isGuarded(object.attributes, now);
      if (guarded && (object === null || !isRenewed(keys, object, renewals))) lost.push(id);
      wipe(object?.material);
    }
  }
  if (lost.length === 0) return;
  spendToken(state, { ...roster, tokens: [] }, { do: 'destroy', target: 'objects', objects: lost, labels: [] });
}

/** Whether an object is written with the commit, just as it was shown. */
function isEntryOf(entry: Uint8Array | undefined, version: number, sealed: Uint8Array): boolean {
  return (
    entry !== undefined &&
    entry[ENTRY_KIND_AT] === KIND_NUMBERS.object &&
    equal(entry.subarray(ENTRY_VERSION_AT, ENTRY_KIND_AT), u64(version)) &&
    equal(entry.subarray(ENTRY_TAG_AT), tagOf(sealed))
  );
}

/** The commit has been made: the daemon writes it now, or never. */
export function followed(
  state: TokenState,
  { before, after }: ReturnType<typeof admitCommit>,
  head: Omit<HeadState, 'slots' | 'keks'>,
): void {
  const { users } = state;
  users.base = before;
  users.tip = { ...after, mark: headMark(head) };
  if (users.staged === null || users.staged.version !== after.version || users.staged.tag !== after.tag) return;
  const until = state.ports.clock.monotonic() + EXPORT_MS;
  for (const id of users.staged.exports) users.exports.set(id, until);
  users.staged = null;
}
