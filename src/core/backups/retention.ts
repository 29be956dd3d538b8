const WEEK_MS = 7 * 86_400_000;
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const FIRST_MONDAY_MS = 4 * 86_400_000;

export interface Retention {
  /** Length of the stretches of time of which one backup each is kept. */
  everyMs: number;
  /** So many of the latest such stretches. */
  keep: number;
  /** So many of the latest weeks. */
  keepWeekly: number;
}

/**
 * The backups that need not be kept: all but the newest of each of the `keep` latest stretches, and of each of the `keepWeekly` latest weeks. Only stretches
 * that have a backup count, so that nothing goes because time has passed, and the newest of all stays.
 */
export function outdated<T extends { at: number }>(
  backups: readonly T[],
  { everyMs, keep, keepWeekly }: Retention,
): T[] {
  const newestFirst = [...backups].sort((a, b) => b.at - a.at);
  const kept = new Set([
    ...newestOfEach(newestFirst, ({ at }) => Math.floor(at / everyMs), Math.max(1, keep)),
    ...newestOfEach(newestFirst, ({ at }) => Math.floor((at - FIRST_MONDAY_MS) / WEEK_MS), keepWeekly),
  ]);
  return newestFirst.filter((backup) => !kept.has(backup));
}

function newestOfEach<T>(newestFirst: readonly T[], stretchOf: (one: T) => number, atMost: number): T[] {
  const found = new Map<number, T>();
  for (const one of newestFirst) if (!found.has(stretchOf(one))) found.set(stretchOf(one), one);
  return [...found.values()].slice(0, atMost);
}
