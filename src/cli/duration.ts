import { usageError } from './errors.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of `8h`, `30m`, `7d`, `1h30m`, `90s` or a plain number of seconds. Throws `InvalidInput`. */
export function parseDuration(text: string): number {
  const compact = text.trim().toLowerCase();
  if (/^\d+$/.test(compact)) return bounded(Number(compact), text);
  if (!/^(\d+[smhdw])+$/.test(compact)) {
    throw usageError(`"${text}" is no duration. Write it like 30m, 8h, 1h30m or 7d.`);
  }
  let seconds = 0;
  for (const [, number, unit] of compact.matchAll(/(\d+)([smhdw])/g)) {
    seconds += Number(number) * (UNITS[unit ?? ''] ?? 0);
  }
  return bounded(seconds, text);
}

function bounded(seconds: number, text: string): number {
  if (!Number.isSafeInteger(seconds) || seconds < 1) throw usageError(`"${text}" is not a usable duration.`);
  return seconds;
}
