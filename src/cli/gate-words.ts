import type { Gate } from '../contract/schemas.ts';
import { parseDuration } from './duration.ts';

/** `each`, or a duration: how long one touch is enough, in seconds. */
export function parseTouch(when: string): number {
  return when === 'each' ? 0 : parseDuration(when);
}

/** `a touch of blue or red, for each use`. */
export function gateWords({ withinSeconds, keys }: Gate): string {
  const whose = keys === 'any' ? 'any security key' : keys.join(' or ');
  return `a touch of ${whose}, ${whenWords(withinSeconds)}`;
}

export function whenWords(withinSeconds: number): string {
  if (withinSeconds === 0) return 'for each use';
  return withinSeconds % 60 === 0 ? `every ${withinSeconds / 60} min` : `every ${withinSeconds} s`;
}
