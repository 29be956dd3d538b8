import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8 then collects garbage before it asks for more memory; also a flag for the processes that the daemon starts. */
export const MEMORY_SAVER = '--memory-saver-mode';

/** V8 takes what it wants: reading thousands of records is half as much work then. */
export function spendMemory(): void {
  setFlagsFromString('--no-memory-saver-mode');
}

/**
 * Gives back what is not needed any more, and from now on takes little. V8 would do neither by itself: the daemon is mostly idle, and what reading the records or a
 * busy minute left behind would stay resident for days (docs/adr/0028-memory.md).
 */
export function spareMemory(): void {
  setFlagsFromString(MEMORY_SAVER);
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Collects what is young: under a millisecond, where little of it is still in use. */
export function sweepMemory(): void {
  collect({ type: 'minor', execution: 'sync' });
}

let collector: unknown;

function collect(how: { type: 'major' | 'minor'; execution: 'sync'; flavor?: 'last-resort' }): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc');
    // Contexts made from now on have the function; this program's own does not get it.
    collector = runInNewContext('gc');
  }
  if (typeof collector === 'function') collector(how);
}
