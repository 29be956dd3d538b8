import { execFile } from 'node:child_process';

/** Of util-linux, which every Linux distribution has. Node itself can set a nice value, which would cost the process its share of a busy machine, and no policy. */
const CHRT = '/usr/bin/chrt';

/**
 * Tells Linux's scheduler whether a process leaves the processor to whoever wakes it (SCHED_BATCH, sched(7)) or may take it from them at once, as processes usually do. Its share of the
 * processor stays the same. Elsewhere, and where the scheduler cannot be told, all stays as it was: it is a matter of speed and nothing else.
 */
export function yieldToWakers(pid: number, yields: boolean): void {
  if (process.platform !== 'linux') return;
  execFile(CHRT, [yields ? '--batch' : '--other', '--pid', '0', String(pid)], { env: {} }, () => undefined).unref();
}
