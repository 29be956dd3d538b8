const SIZES = { h: 3600, min: 60, m: 60, s: 1 } as const;

/** Seconds of `1 h 30 min`, `90m`, `12h` or `3600`; null for anything else. */
export function parseLasting(text: string): number | null {
  const plain = text.trim().toLowerCase();
  if (/^\d{1,7}$/.test(plain)) return Number(plain);
  if (!/^(?:\d{1,7}\s*(?:h|min|m|s)\s*)+$/.test(plain)) return null;
  let seconds = 0;
  for (const [, count, unit] of plain.matchAll(/(\d+)\s*(h|min|m|s)/g)) {
    const size = unit === 'h' || unit === 'min' || unit === 'm' || unit === 's' ? SIZES[unit] : 0;
    seconds += Number(count) * size;
  }
  return seconds;
}
