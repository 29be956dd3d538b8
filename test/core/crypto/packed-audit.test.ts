import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  packEvents,
  packedRowBytes,
  rowParts,
  unpackEvents,
  unpackRows,
} from '../../../src/core/crypto/packed-audit.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const row = fc.record({ sealed: fc.uint8Array({ maxLength: 90 }), hash: bytes(32), mac: bytes(32) });

test('events come out as they went in, in an array of their own', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }), (events) => {
      const packed = packEvents(events);
      expect(packed.byteLength).toBe(packed.buffer.byteLength);
      expect(unpackEvents(packed)).toEqual(events.map(utf8));
    }),
  );
});

test('entries come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const packed = new Uint8Array(rows.reduce((sum, { sealed }) => sum + packedRowBytes(sealed.length), 0));
      let at = 0;
      for (const { sealed, hash, mac } of rows) {
        const parts = rowParts(packed, at, sealed.length);
        parts.sealed.set(sealed);
        parts.hash.set(hash);
        parts.mac.set(mac);
        at += packedRowBytes(sealed.length);
      }
      expect(unpackRows(packed)).toEqual(rows);
    }),
  );
});

test('bytes that are no whole number of events or entries are none, and crash nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (some) => {
      for (const unpack of [unpackEvents, unpackRows])
        expect(Array.isArray(unpack(some)) || unpack(some) === null).toBe(true);
    }),
  );
  const packed = packEvents(['one', 'two']);
  for (let end = 1; end < packed.length; end++) if (end !== 7) expect(unpackEvents(packed.subarray(0, end))).toBeNull();
  const entry = new Uint8Array(packedRowBytes(5));
  rowParts(entry, 0, 5);
  for (let end = 1; end < entry.length; end++) expect(unpackRows(entry.subarray(0, end))).toBeNull();
});
