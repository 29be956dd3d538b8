import { formatCount } from '../../lib/format.ts';

/** `1 entry`, `3 entries`. */
export function countEntries(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'entry' : 'entries'}`;
}
