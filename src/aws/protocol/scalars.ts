import { MalformedInput } from './malformed-input.ts';
import type { TimestampFormat } from './shape/shape.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Standard base64 with padding, nothing else: two spellings of one blob would be one to the handler and two to a policy. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw new MalformedInput('The value is not valid base64.');
  return Buffer.from(text, 'base64');
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** A number as text: decimal, or the three names that floats have. */
export function parseNumber(text: string): number {
  if (DECIMAL.test(text)) return Number(text);
  const special = Object.hasOwn(NOT_FINITE, text) ? NOT_FINITE[text] : undefined;
  if (special === undefined) throw new MalformedInput(`For input string: "${text}"`);
  return special;
}

export function parseBoolean(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new MalformedInput(`A boolean is true or false, not "${text}".`);
}

export function parseBigInteger(text: string): bigint {
  if (!/^[+-]?\d{1,1000}$/.test(text)) throw new MalformedInput(`For input string: "${text}"`);
  return BigInt(text);
}

const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const HTTP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})? GMT$/;

/** Seconds since the epoch, to the millisecond. */
export function dateFromSeconds(seconds: number): Date {
  const date = new Date(Math.round(seconds * 1000));
  if (Number.isNaN(date.getTime())) throw new MalformedInput('The timestamp is out of range.');
  return date;
}

/** A timestamp as text. Whatever the format asked for, an RFC 3339 date-time is understood, as AWS does in forms and queries. */
export function parseTimestamp(text: string, format: TimestampFormat): Date {
  if (format === 'epoch-seconds' && DECIMAL.test(text)) return dateFromSeconds(Number(text));
  if (DATE_TIME.test(text) || (format === 'http-date' && HTTP_DATE.test(text))) {
    const date = new Date(text);
    if (!Number.isNaN(date.getTime())) return date;
  }
  throw new MalformedInput(`"${text}" is not a valid timestamp.`);
}

/** Fractions of a second only where there are any, as AWS writes them. */
export function formatTimestamp(date: Date, format: TimestampFormat): string {
  switch (format) {
    case 'date-time':
      return date.toISOString().replace('.000Z', 'Z');
    case 'http-date':
      return date.toUTCString();
    case 'epoch-seconds':
      return String(date.getTime() / 1000);
  }
}

/** UTF-16 that has a UTF-8 form; a lone surrogate has none, and two different ones would become the same bytes. */
export function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new MalformedInput('A string holds half of a surrogate pair.');
  return text;
}
