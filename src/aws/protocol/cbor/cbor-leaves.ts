import { MalformedInput } from '../malformed-input.ts';
import { dateFromSeconds } from '../scalars.ts';
import type { Leaves } from '../tree/leaves.ts';
import { nodeKind } from '../tree/node-kind.ts';

function wrong(node: unknown, wanted: string): MalformedInput {
  return new MalformedInput(`${nodeKind(node)} can not be converted to ${wanted}`);
}

/** CBOR has byte strings, integers and tagged timestamps of its own; formats of timestamps do not matter there. */
export const CBOR_LEAVES: Leaves = {
  keyOf: (member) => member.name,
  readBlob(node) {
    if (!(node instanceof Uint8Array)) throw wrong(node, 'a Blob');
    return node;
  },
  readTimestamp(node) {
    if (node instanceof Date) return node;
    if (typeof node === 'number') return dateFromSeconds(node);
    throw wrong(node, 'a Timestamp');
  },
  readNumber(node) {
    if (typeof node === 'bigint') return Number(node);
    if (typeof node !== 'number') throw wrong(node, 'an Integer');
    return node;
  },
  readBigInteger(node) {
    if (typeof node === 'bigint') return node;
    if (typeof node === 'number' && Number.isSafeInteger(node)) return BigInt(node);
    throw wrong(node, 'a BigInteger');
  },
  writeBlob: (bytes) => bytes,
  writeTimestamp: (date) => date,
  writeNumber: (value) => value,
  writeBigInteger: (value) => value,
};
