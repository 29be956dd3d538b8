import { existsSync, readFileSync } from 'node:fs';

/** Why scheduling policies cannot be seen or set here; null where they can. */
export function whyNoPolicies(): string | null {
  if (process.platform !== 'linux') return 'only Linux has scheduling policies';
  return existsSync('/usr/bin/chrt') ? null : 'chrt (util-linux) is not installed';
}

/** SCHED_OTHER or SCHED_BATCH, by the 41st field of /proc/PID/stat (proc(5)). */
export function policyOf(pid: number): 'other' | 'batch' | 'another' {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name, which may contain anything.
  const policy = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38];
  if (policy === '0') return 'other';
  return policy === '3' ? 'batch' : 'another';
}
