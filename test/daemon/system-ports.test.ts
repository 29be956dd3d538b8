import { expect, test } from 'vitest';
import { systemRandom } from '../../src/daemon/system-ports.ts';

test('random bytes come in any length, each time others, and nobody else holds them', () => {
  const seen = new Set<string>();
  for (let round = 0; round < 600; round++) {
    for (const length of [1, 16, 28, 64, 65, 5000]) {
      const bytes = systemRandom.bytes(length);
      expect(bytes).toHaveLength(length);
      // A view of the block would take along what comes out next.
      expect(bytes.buffer.byteLength).toBe(length);
      if (length < 16) continue;
      const head = Buffer.from(bytes.subarray(0, 16)).toString('hex');
      expect(seen.has(head)).toBe(false);
      seen.add(head);
      bytes.fill(0);
    }
  }
});

test('a length of nothing is nothing', () => {
  expect(systemRandom.bytes(0)).toEqual(new Uint8Array());
});
