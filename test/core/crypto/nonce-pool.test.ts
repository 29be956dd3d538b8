import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noncePool } from '../../../src/core/crypto/nonce-pool.ts';

/** Counts upwards byte by byte, so that every byte that was ever drawn can be told from its neighbours. */
function counting() {
  let next = 0;
  const drawn: number[] = [];
  return {
    drawn,
    bytes(length: number): Uint8Array {
      drawn.push(length);
      return Uint8Array.from({ length }, () => next++ & 0xff);
    },
  };
}

test('pieces of any length are consecutive and never the same bytes twice', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 64 }), { maxLength: 300 }), (lengths) => {
      const random = counting();
      const pool = noncePool(random);
      let at = 0;
      for (const length of lengths) {
        const piece = pool.bytes(length);
        expect(piece.length).toBe(length);
        expect(piece.byteLength).toBe(piece.buffer.byteLength);
        // What was left of a pool that was too short is not used.
        const left = 4096 - (at % 4096);
        if (at > 0 && at % 4096 !== 0 && length > left) at += left;
        expect([...piece]).toEqual(Array.from({ length }, (_, index) => (at + index) & 0xff));
        at += length;
      }
    }),
  );
});

test('many small pieces are one draw, a piece larger than the pool is one of its own', () => {
  const random = counting();
  const pool = noncePool(random);
  for (let count = 0; count < 100; count++) pool.bytes(28);
  expect(random.drawn).toEqual([4096]);
  pool.bytes(5000);
  expect(random.drawn).toEqual([4096, 5000]);
});

test('a piece is the taker’s own: what it does to it changes no later one', () => {
  const pool = noncePool(counting());
  pool.bytes(12).fill(0xff);
  expect([...pool.bytes(2)]).toEqual([12, 13]);
});
