/** Days after which a key without a maximum age is marked as old. */
export const KEY_POLICY_DAYS = 90;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Whole days between an instant and now; never negative (clocks differ). */
export function ageInDays(instant: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(instant)) / DAY));
}

/** `today`, `1 day`, `211 days`. */
export function formatAge(instant: string, now: number): string {
  const days = ageInDays(instant, now);
  if (days === 0) return 'today';
  return days === 1 ? '1 day' : `${formatCount(days)} days`;
}

/** An instant told from now: `just now`, `3 min ago`, `in 5 h`, `12 d ago`; from a year on, the date. */
export function formatRelative(instant: string, now: number): string {
  const difference = Date.parse(instant) - now;
  const distance = Math.abs(difference);
  if (distance < 45 * SECOND) return difference > 5 * SECOND ? 'in under a minute' : 'just now';
  const minutes = Math.max(1, Math.round(distance / MINUTE));
  const hours = Math.round(distance / HOUR);
  const text =
    minutes < 60
      ? `${minutes} min`
      : hours < 24
        ? `${hours} h`
        : distance < 365 * DAY
          ? `${Math.round(distance / DAY)} d`
          : undefined;
  if (text === undefined) return formatDate(instant);
  return difference > 0 ? `in ${text}` : `${text} ago`;
}

/** `23 Nov 2026` in the reader's own time zone. */
export function formatDate(instant: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }).format(
    new Date(instant),
  );
}

/** The exact moment, for a hover: `23 Nov 2026, 22:15:04 GMT+1`. */
export function formatExact(instant: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(instant));
}

/** `22:15:04`, for a log. */
export function formatClock(instant: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(
    new Date(instant),
  );
}

/** `0.8 ms`, `31 ms`, `1.2 s`. */
export function formatLatency(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `512 B`, `1.4 KiB`, `3.0 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** `10,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 client`, `3 clients`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function listNames(names: readonly string[], shown = 3): string {
  const head = names.slice(0, shown);
  const rest = names.length - head.length;
  if (rest > 0) return `${head.join(', ')} and ${formatCount(rest)} more`;
  const last = head.at(-1);
  return head.length < 2 ? head.join('') : `${head.slice(0, -1).join(', ')} and ${last}`;
}

/** `AKIA…7Q2X`: enough to recognise an id by, short enough for a row. */
export function shortKeyId(accessKeyId: string): string {
  return accessKeyId.length <= 10 ? accessKeyId : `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}

/** A validation message as a sentence. */
export function sentence(message: string): string {
  const trimmed = message.trim();
  if (trimmed === '') return '';
  const capital = `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}`;
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

/** Seconds as a countdown: `45 s`, `2 min 05 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** `36 h`, `1 h 30 min`, `15 min`, `40 s`: how long something lasts, to the minute. */
export function formatLasting(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return [...(hours > 0 ? [`${hours} h`] : []), ...(minutes > 0 ? [`${minutes} min`] : [])].join(' ');
}
