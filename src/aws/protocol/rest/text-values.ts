import { MalformedInput } from '../malformed-input.ts';
import {
  formatTimestamp,
  fromBase64,
  parseBigInteger,
  parseBoolean,
  parseNumber,
  parseTimestamp,
  toBase64,
} from '../scalars.ts';
import type { Member, Shape, TimestampFormat } from '../shape/shape.ts';

/** Timestamps of headers are http-date, those of paths and queries date-time, unless their trait says otherwise. */
export function textReader(member: Member, timestamps: TimestampFormat): (text: string) => unknown {
  const shape = member.shape();
  switch (shape.kind) {
    case 'string':
      // A JSON document in a header travels in base64 (Smithy, "mediaType trait").
      return member.traits.mediaType !== undefined && timestamps === 'http-date'
        ? (text) => Buffer.from(fromBase64(text)).toString('utf8')
        : (text) => text;
    case 'number':
      return parseNumber;
    case 'boolean':
      return parseBoolean;
    case 'bigInteger':
      return parseBigInteger;
    case 'blob':
      return fromBase64;
    case 'timestamp': {
      const { format = timestamps } = shape;
      return (text) => parseTimestamp(text, format);
    }
    default:
      throw new TypeError(`The member ${member.name} cannot be text.`);
  }
}

export function textWriter(member: Member, timestamps: TimestampFormat): (value: unknown) => string {
  const shape = member.shape();
  return (value) => {
    if (typeof value === 'string') {
      return member.traits.mediaType !== undefined && timestamps === 'http-date'
        ? toBase64(Buffer.from(value, 'utf8'))
        : value;
    }
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
    if (value instanceof Uint8Array) return toBase64(value);
    if (value instanceof Date && shape.kind === 'timestamp') return formatTimestamp(value, shape.format ?? timestamps);
    throw new TypeError(`An answer holds ${typeof value} where its schema says ${shape.kind}.`);
  };
}

/** The items of a header with a list (Smithy, "httpHeader trait"): commas between them, strings in quotes where they hold one. */
export function splitHeader(text: string, item: Shape): string[] {
  if (item.kind === 'timestamp' && (item.format === undefined || item.format === 'http-date')) {
    // The date itself has a comma.
    return text.split(/(?<=GMT)\s*,\s*/).map((one) => one.trim());
  }
  const items: string[] = [];
  const piece = /\s*(?:"((?:[^"\\]|\\.)*)"|([^",]*))\s*(,|$)/y;
  while (piece.lastIndex <= text.length) {
    const found = piece.exec(text);
    if (found === null) throw new MalformedInput('A list in a header has an open quote.');
    items.push(found[1] === undefined ? (found[2] ?? '').trim() : found[1].replace(/\\(.)/g, '$1'));
    if (found[3] !== ',') break;
  }
  return items;
}

export function joinHeader(items: readonly string[]): string {
  return items.map((one) => (/[",]/.test(one) ? `"${one.replace(/["\\]/g, '\\$&')}"` : one)).join(', ');
}
