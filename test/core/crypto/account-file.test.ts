import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  encodeAccountEnd,
  encodeAccountEntry,
  encodeAccountHeader,
  readAccountHeader,
  readAccountPart,
} from '../../../src/core/crypto/account-file.ts';
import { concat } from '../../../src/core/crypto/bytes.ts';

const bytes = (maxLength = 100) => fc.uint8Array({ maxLength });
const count = fc.nat({ max: 2 ** 52 - 1 });
const kek = fc.record({ id: fc.nat(), purpose: fc.string({ maxLength: 8 }), createdAt: count, wrapped: bytes() });
const header = fc.record({
  fileId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  slot: fc.record({ descriptor: bytes(), wrapped: bytes() }),
  keks: fc.array(kek, { maxLength: 4 }),
});
const entry = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id).toString('hex')),
  kind: fc.string({ maxLength: 8 }),
  version: fc.integer({ min: 1, max: 2 ** 52 - 1 }),
  sealed: bytes(),
});

test('what is written is read again, from any place, and every cut of it is too short', () => {
  fc.assert(
    fc.property(header, entry, count, bytes(), (start, record, entries, before) => {
      const head = encodeAccountHeader(start);
      expect(readAccountHeader(concat(head, before))).toEqual({ part: start, next: head.length });
      for (let length = 1; length < head.length; length += 7) {
        expect(readAccountHeader(head.subarray(0, length))).toBe('short');
      }
      const part = encodeAccountEntry(record);
      const next = before.length + part.length;
      expect(readAccountPart(concat(before, part), before.length)).toEqual({ part: record, next });
      for (let length = 0; length < part.length; length += 5) {
        expect(readAccountPart(part.subarray(0, length), 0)).toBe('short');
      }
      const mac = new Uint8Array(32).fill(7);
      const end = concat(encodeAccountEnd(entries), mac);
      expect(readAccountPart(end, 0)).toEqual({ part: { entries, mac }, next: end.length });
    }),
  );
});

test('whatever the bytes, reading them answers, and what it took is exactly what it would write', () => {
  fc.assert(
    fc.property(bytes(400), fc.constantFrom(0, 1, 2), (noise, tag) => {
      const read = readAccountPart(concat(Uint8Array.of(tag), noise), 0);
      if (typeof read === 'string') return;
      const again =
        'mac' in read.part ? concat(encodeAccountEnd(read.part.entries), read.part.mac) : encodeAccountEntry(read.part);
      expect(again).toEqual(concat(Uint8Array.of(tag), noise).slice(0, read.next));
    }),
  );
});

test('another start is foreign, a higher format newer, a lower one broken', () => {
  const file = encodeAccountHeader({
    fileId: new Uint8Array(16),
    slot: { descriptor: new Uint8Array(3), wrapped: new Uint8Array(3) },
    keks: [],
  });
  const edited = (at: number, value: number) => file.with(at, value);
  expect(readAccountHeader(edited(0, 1))).toBe('foreign');
  expect(readAccountHeader(edited(19, 2))).toBe('newer');
  expect(readAccountHeader(edited(19, 0))).toBe('broken');
  expect(readAccountHeader(edited(37, 2))).toBe('broken');
});
