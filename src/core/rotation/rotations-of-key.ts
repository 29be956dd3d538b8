import type { Found, Things } from '../things.ts';

/** Rotations of an access key, newest first. */
export function rotationsOfKey(things: Things, key: string): Found<'rotation'>[] {
  return things
    .all('rotation')
    .filter(({ value }) => value.credential === undefined && value.key === key)
    .sort((a, b) => b.value.startedAt - a.value.startedAt);
}

/** The one that is under way. */
export function rotationUnderWay(things: Things, key: string): Found<'rotation'> | undefined {
  return rotationsOfKey(things, key).find(({ value }) => value.outcome === undefined);
}
