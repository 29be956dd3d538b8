import { KeyholdError } from '../../../contract/errors.ts';
import { toHex } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { fieldFor } from '../entry-content.ts';
import { bytesOf, fieldsOf, versionOf } from '../input.ts';
import { MAC_BYTES, pageMac } from '../manifest.ts';
import type { HeadState, HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { usersEntry } from '../users/follow.ts';
import { headMark, kekMarks } from '../users/head-mark.ts';
import { viewRoster } from '../users/quorum.ts';
import { openRoster, type Roster } from '../users/roster.ts';
import { NOBODY } from '../users/state.ts';
import { entriesOf, LONGEST_PAYLOAD } from '../vault-input.ts';

/** The head has been verified: its users are those of this page, which have to be shown before anything is committed. */
export function awaitUsers(state: TokenState, head: HeadState): void {
  const mac = new Uint8Array(head.pageMacs.subarray(0, MAC_BYTES));
  const mark = headMark(head);
  state.users.keks = kekMarks(head.keks);
  // An absent page lists nobody.
  if (mac.every((byte) => byte === 0)) state.users.base = { ...NOBODY, mark };
  else state.users.awaited = { mark, mac };
}

function tampered(what: string, message: string): KeyholdError {
  const where = 'record hsmUsers';
  return new KeyholdError(
    'VaultTampered',
    `The vault was changed from outside (${where}: ${what}). Restore a backup you trust with "keyhold hsm restore".`,
    { findings: [{ severity: 'error', where, what, message }] },
  );
}

function recordOf(value: unknown): { version: number; sealed: Uint8Array } | null {
  if (value === null) return null;
  const fields = fieldsOf(value, 'record', ['version', 'sealed']);
  return {
    version: versionOf(fields['version'], 'record.version'),
    sealed: bytesOf(fields['sealed'], 'record.sealed', 0, LONGEST_PAYLOAD),
  };
}

export function openUsers(state: TokenState, input: unknown): HsmOutput<'openUsers'> {
  const fields = fieldsOf(input, 'input', ['entries', 'record']);
  const entries = entriesOf(fields['entries'], 'entries');
  const record = recordOf(fields['record']);
  const keys = workingKeys(state);
  const { awaited } = state.users;
  if (awaited === null) return { view: viewOf(state, (state.users.tip ?? state.users.base)?.roster ?? null) };
  if (!equal(pageMac(keys.manifest, keys.vaultId, 0, entries), awaited.mac)) {
    throw tampered('rolled back', 'the page that lists it is not the one the head was made over');
  }
  const entry = usersEntry(entries);
  const roster = entry === null ? null : shownRoster(state, entry, record);
  if (entry === null && record !== null) throw tampered('unknown', 'no page lists it');
  state.users.awaited = null;
  state.users.base =
    entry === null || roster === null
      ? { ...NOBODY, mark: awaited.mark }
      : { version: entry.version, tag: entry.tag, roster, mark: awaited.mark };
  return { view: viewOf(state, roster) };
}

function shownRoster(
  state: TokenState,
  entry: { version: number; tag: string; outdated: boolean },
  record: { version: number; sealed: Uint8Array } | null,
): Roster {
  if (record === null) throw tampered('deleted', 'the users of the HSM are gone');
  if (record.version !== entry.version || toHex(fieldFor(entry.outdated, record.sealed)) !== entry.tag) {
    throw tampered('rolled back', 'it is not the version that the head was made over');
  }
  const roster = openRoster(workingKeys(state), record.version, record.sealed);
  if (roster === null) throw tampered('edited', 'its content does not verify');
  return roster;
}

function viewOf(state: TokenState, roster: Roster | null): HsmOutput<'openUsers'>['view'] {
  return roster === null ? null : viewRoster(state, roster);
}
