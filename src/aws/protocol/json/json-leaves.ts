import { dateFromSeconds, formatTimestamp, fromBase64, parseNumber, parseTimestamp, toBase64 } from '../scalars.ts';
import type { Leaves } from '../tree/leaves.ts';
import { wrongNode } from '../tree/node-kind.ts';

const NOT_FINITE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

/** How AWS's JSON protocols write what JSON has no kind of value for. `jsonNames`: restJson1 renames members, awsJson does not. */
export function jsonLeaves(jsonNames: boolean): Leaves {
  return {
    keyOf: (member) => (jsonNames ? (member.traits.jsonName ?? member.name) : member.name),
    readBlob(node) {
      if (typeof node !== 'string') throw wrongNode(node, 'a Blob');
      return fromBase64(node);
    },
    readTimestamp(node, { format = 'epoch-seconds' }) {
      if (format === 'epoch-seconds' && typeof node === 'number') return dateFromSeconds(node);
      if (format !== 'epoch-seconds' && typeof node === 'string') return parseTimestamp(node, format);
      throw wrongNode(node, 'a Timestamp');
    },
    readNumber(node) {
      if (typeof node === 'number') return node;
      if (typeof node === 'string' && NOT_FINITE.has(node)) return parseNumber(node);
      throw wrongNode(node, 'an Integer');
    },
    readBigInteger(node) {
      if (typeof node === 'number' && Number.isSafeInteger(node)) return BigInt(node);
      throw wrongNode(node, 'a BigInteger');
    },
    writeBlob: toBase64,
    writeTimestamp: (date, { format = 'epoch-seconds' }) =>
      format === 'epoch-seconds' ? date.getTime() / 1000 : formatTimestamp(date, format),
    writeNumber: (value) => (Number.isFinite(value) ? value : String(value)),
    writeBigInteger(value) {
      const number = Number(value);
      if (!Number.isSafeInteger(number)) throw new TypeError('An answer holds an integer that JSON would round.');
      return number;
    },
  };
}
