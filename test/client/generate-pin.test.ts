import { expect, test } from 'vitest';
import { generatePin } from '../../src/client/generate-pin.ts';

test('a PIN is 24 letters and digits that cannot be mistaken, each as likely as another', () => {
  let next = 0;
  const seen = new Map<string, number>();
  // Every byte once, ten times over: each sign comes as often as every other.
  const bytes = () => next++ % 256;
  while (next < 256 * 57) {
    const pin = new TextDecoder().decode(generatePin(bytes));
    expect(pin).toMatch(/^[A-HJ-NP-Za-km-z2-9]{24}$/);
    for (const sign of pin) seen.set(sign, (seen.get(sign) ?? 0) + 1);
  }
  const counts = [...seen.values()];
  expect(seen.size).toBe(57);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

test('bytes that would favour some signs are passed over', () => {
  const bytes = [255, 254, 0, 1];
  let at = 0;
  const pin = generatePin(() => bytes[at++] ?? 2);
  expect(new TextDecoder().decode(pin).slice(0, 3)).toBe('ABC');
});
