import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, listOf, recordIdOf } from '../input.ts';
import { openObject } from '../object.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { signedForm } from '../users/acts.ts';
import { isGuarded } from '../users/guarded.ts';
import { spendToken } from '../users/quorum.ts';
import { isRenewed } from '../users/renewal.ts';
import type { Roster } from '../users/roster.ts';
import { stage, usersNow } from '../users/state.ts';
import { sealedRecordsOf } from '../vault-input.ts';

const MOST_OBJECTS = 100_000;

/** The ids among these records that a quorum guards and that none of `added` takes the place of; one that does not open is. */
function guardedIds(state: TokenState, value: unknown, added: ReturnType<typeof sealedRecordsOf> = []): string[] {
  const keys = workingKeys(state);
  const now = state.ports.clock.now();
  return sealedRecordsOf(value, 'objects').flatMap(({ id, version, sealed }) => {
    const object = openObject(keys, id, version, sealed);
    try {
      if (object === null) return [id];
      return isGuarded(object.attributes, now) && !isRenewed(keys, object, added) ? [id] : [];
    } finally {
      wipe(object?.material);
    }
  });
}

function spend(state: TokenState, roster: Roster, what: 'destroy' | 'export', objects: readonly string[]): Roster {
  if (objects.length === 0) return roster;
  return spendToken(state, roster, { do: what, target: 'objects', objects, labels: [] });
}

/** The tokens that are no longer there. */
function usedTokens(before: Roster, after: Roster): { id: string; act: string }[] {
  return before.tokens
    .filter((token) => !after.tokens.includes(token))
    .map(({ id, act }) => ({ id, act: signedForm(act) }));
}

export function guardDestruction(state: TokenState, input: unknown): HsmOutput<'guardDestruction'> {
  const fields = fieldsOf(input, 'input', ['now', 'added', 'later', 'kept']);
  const added = fields['added'] === undefined ? [] : sealedRecordsOf(fields['added'], 'objects');
  const now = guardedIds(state, fields['now'], added);
  const later = guardedIds(state, fields['later']);
  const kept = new Set(listOf(fields['kept'], 'kept', MOST_OBJECTS, recordIdOf));
  const { roster } = usersNow(state);
  if (roster === null) return null;
  const released = new Set(roster.releases);
  const ends = now.filter((id) => released.has(id)).concat([...kept].filter((id) => released.has(id)));
  // Without a quorum nothing is guarded; what was released before it ended is forgotten all the same.
  if (roster.quorum.key === 0 && ends.length === 0) return null;
  const open = (ids: readonly string[]): string[] =>
    roster.quorum.key === 0 ? [] : ids.filter((id) => !released.has(id));
  const spent = spend(state, spend(state, roster, 'destroy', open(now)), 'destroy', open(later));
  const over = new Set([...now, ...kept]);
  const releases = [...roster.releases.filter((id) => !over.has(id)), ...open(later)];
  const unchanged = spent === roster && releases.length === roster.releases.length && now.length === 0;
  if (unchanged) return null;
  return { ...stage(state, { ...spent, releases }, { destroys: now }), used: usedTokens(roster, spent) };
}

export function guardExport(state: TokenState, input: unknown): HsmOutput<'guardExport'> {
  const fields = fieldsOf(input, 'input', ['objects']);
  const objects = guardedIds(state, fields['objects']);
  const { roster } = usersNow(state);
  if (roster === null || roster.quorum.key === 0 || objects.length === 0) return null;
  const spent = spend(state, roster, 'export', objects);
  return { ...stage(state, spent, { exports: objects }), used: usedTokens(roster, spent) };
}
