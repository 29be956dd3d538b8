import type { Member, TimestampShape } from '../shape/shape.ts';

/** What differs between formats that carry a tree of values (JSON, CBOR): the leaves that their trees have no kind of node for. */
export interface Leaves {
  /** The key of a member in its structure. */
  keyOf(member: Member): string;
  readBlob(node: unknown): Uint8Array;
  readTimestamp(node: unknown, shape: TimestampShape): Date;
  readNumber(node: unknown): number;
  readBigInteger(node: unknown): bigint;
  writeBlob(bytes: Uint8Array): unknown;
  writeTimestamp(date: Date, shape: TimestampShape): unknown;
  writeNumber(value: number): unknown;
  writeBigInteger(value: bigint): unknown;
}
