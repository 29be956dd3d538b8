import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader } from '../../src/daemon/frame-reader.ts';

describe('FrameReader', () => {
  test('gives back the lines however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '))),
        fc.array(fc.nat(40)),
        (texts, cuts) => {
          const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
          const reader = new FrameReader(1_000_000);
          const got: string[] = [];
          let at = 0;
          for (const cut of cuts) {
            got.push(...reader.push(bytes.subarray(at, at + cut)));
            at = Math.min(bytes.length, at + cut);
          }
          got.push(...reader.push(bytes.subarray(at)));
          expect(got).toEqual(texts.map((text) => text.toWellFormed()));
          expect(reader.unfinished).toBe(false);
        },
      ),
      { seed: 20261123 },
    );
  });

  test('holds at most the limit', () => {
    const reader = new FrameReader(8);
    expect(reader.push(Buffer.from('12345678\n'))).toEqual(['12345678']);
    expect(() => reader.push(Buffer.from('123456789\n'))).toThrow('at most 8 bytes');
    expect(() => new FrameReader(8).push(Buffer.from('123456789'))).toThrow('at most 8 bytes');
  });
});
