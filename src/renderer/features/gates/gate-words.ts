import type { Gate } from '../../../contract/schemas.ts';
import { listNames, plural } from '../../lib/format.ts';

/** `Each use wants a touch of blue`. */
export function gateWords({ withinSeconds, keys }: Gate): string {
  const which = keys === 'any' ? 'any enrolled key' : listNames(keys);
  if (withinSeconds === 0) return `Each use wants a touch of ${which}`;
  return `One touch of ${which} is enough for ${withinWords(withinSeconds)}`;
}

function withinWords(seconds: number): string {
  return seconds % 60 === 0 ? plural(seconds / 60, 'minute') : plural(seconds, 'second');
}
