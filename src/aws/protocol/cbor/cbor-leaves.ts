import { dateFromSeconds } from '../scalars.ts';
import type { Leaves } from '../tree/leaves.ts';
import { wrongNode } from '../tree/node-kind.ts';

/** CBOR has byte strings, integers and tagged timestamps of its own; formats of timestamps do not matter there. */
export const CBOR_LEAVES: Leaves = {
  keyOf: (member) => member.name,
  readBlob(node) {
    if (!(node instanceof Uint8Array)) throw wrongNode(node, 'a Blob');
    return node;
  },
  readTimestamp(node) {
    if (node instanceof Date) return node;
    if (typeof node === 'number') return dateFromSeconds(node);
    throw wrongNode(node, 'a Timestamp');
  },
  readNumber(node) {
    if (typeof node === 'bigint') return Number(node);
    if (typeof node !== 'number') throw wrongNode(node, 'an Integer');
    return node;
  },
  readBigInteger(node) {
    if (typeof node === 'bigint') return node;
    if (typeof node === 'number' && Number.isSafeInteger(node)) return BigInt(node);
    throw wrongNode(node, 'a BigInteger');
  },
  writeBlob: (bytes) => bytes,
  writeTimestamp: (date) => date,
  writeNumber: (value) => value,
  writeBigInteger: (value) => value,
};
