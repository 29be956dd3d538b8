const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.25 * DAY;

function amount(seconds: number): string {
  if (seconds < MINUTE) return `${Math.max(1, Math.floor(seconds))} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)} d`;
  return `${Math.floor(seconds / YEAR)} y`;
}

/** `just now`, `3 min ago`, `in 7 h`: an instant (RFC 3339) seen from `now` (ms since epoch). */
export function relativeTime(instant: string, now: number): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  if (Number.isNaN(seconds)) return 'unknown';
  if (Math.abs(seconds) < 5) return 'just now';
  // What is said to last 12 h should not read "in 11 h" a second later.
  return seconds < 0 ? `${amount(-seconds)} ago` : `in ${amount(seconds + Math.min(60, seconds * 0.05))}`;
}

/** `12 d`: how old something made at `instant` is. */
export function age(instant: string, now: number): string {
  const seconds = (now - Date.parse(instant)) / 1000;
  if (Number.isNaN(seconds)) return 'unknown';
  return seconds < MINUTE ? 'new' : amount(seconds);
}

/** `512 B`, `1.2 MiB`. */
export function fileSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** `1 key`, `2 keys`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `12 h`, `1 h 30 min`, `15 min`, `40 s`: how long something lasts, to the minute. */
export function lasting(seconds: number): string {
  if (seconds < MINUTE) return `${Math.max(0, Math.floor(seconds))} s`;
  const hours = Math.floor(seconds / HOUR);
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  return [...(hours > 0 ? [`${hours} h`] : []), ...(minutes > 0 ? [`${minutes} min`] : [])].join(' ');
}
