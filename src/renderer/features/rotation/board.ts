import type { Rotation } from '../../../contract/rotation.ts';
import type { AccessKey } from '../../../contract/schemas.ts';
import { isDue, keyBirth } from '../keys/key-facts.ts';

export type BoardGroup = 'waiting' | 'due' | 'running' | 'quarantine' | 'ended';

/** In the order of what wants somebody first. */
const ORDER: readonly BoardGroup[] = ['waiting', 'due', 'running', 'quarantine', 'ended'];

/** A rotation, or a key that should have one. */
export interface BoardRow {
  /** The rotation's, or the key's. */
  id: string;
  group: BoardGroup;
  name: string;
  account: string;
  /** For a row of its own group: the oldest key first, the newest rotation first. */
  rank: number;
  rotation?: Rotation;
  key?: AccessKey;
}

/** Keys are shown that are due by then; what is left alone at present is not. */
export function boardRows(
  keys: readonly AccessKey[],
  rotations: readonly Rotation[],
  now: number,
  dueBy = now,
): BoardRow[] {
  const underWay = new Set(rotations.filter((one) => !hasEnded(one) && isOfKey(one)).map((one) => one.key));
  const rows = [
    ...rotations.map((rotation): BoardRow => {
      const key = isOfKey(rotation) ? keys.find((one) => one.name === rotation.key) : undefined;
      return {
        id: rotation.id,
        group: groupOf(rotation),
        name: rotation.key,
        account: rotation.account,
        rank: -Date.parse(rotation.startedAt),
        rotation,
        ...(key === undefined ? {} : { key }),
      };
    }),
    ...keys
      .filter((key) => canRotate(key) && isDue(key, dueBy) && !isSnoozed(key, now) && !underWay.has(key.name))
      .map(
        (key): BoardRow => ({
          id: key.id,
          group: 'due',
          name: key.name,
          account: key.account,
          rank: Date.parse(keyBirth(key)),
          key,
        }),
      ),
  ];
  return rows.sort(byNeed);
}

export function byNeed(a: BoardRow, b: BoardRow): number {
  return ORDER.indexOf(a.group) - ORDER.indexOf(b.group) || a.rank - b.rank;
}

function groupOf(rotation: Rotation): BoardGroup {
  if (hasEnded(rotation)) return 'ended';
  if (rotation.state === 'quarantine') return 'quarantine';
  // What is tried again by itself wants nobody.
  return rotation.needs === undefined ? 'running' : 'waiting';
}

/** Not of a credential that may be called the same. */
export function isOfKey({ adapter }: Rotation): boolean {
  return adapter === undefined;
}

export function hasEnded({ state }: Rotation): boolean {
  return state === 'done' || state === 'rolledBack' || state === 'refused';
}

/** Somebody said to leave it alone for now. */
export function isSnoozed({ snoozedUntil }: AccessKey, now: number): boolean {
  return snoozedUntil !== undefined && Date.parse(snoozedUntil) > now;
}

/** When the last time came at which a key was no longer left alone: the same keys are snoozed then and now. */
export function lastSnoozeEnd(keys: readonly AccessKey[], now: number): number {
  const ends = keys.flatMap(({ snoozedUntil }) => (snoozedUntil === undefined ? [] : [Date.parse(snoozedUntil)]));
  return Math.max(0, ...ends.filter((end) => end <= now));
}

/** Temporary keys end by themselves, and a disabled one signs nothing, not even its own rotation. */
export function canRotate(key: AccessKey): boolean {
  return key.status === 'active' && !key.hasSessionToken;
}
