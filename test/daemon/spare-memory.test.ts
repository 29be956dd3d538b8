import { afterAll, expect, test } from 'vitest';
import { spareMemory, spendMemory } from '../../src/daemon/spare-memory.ts';

afterAll(() => spendMemory());

test('memory that was needed for a moment is given back, and the program gets no collector', () => {
  spendMemory();
  let records: { text: string }[] | undefined = Array.from({ length: 400_000 }, (_, at) => ({ text: `record ${at}` }));
  const most = process.memoryUsage().heapTotal;
  expect(records.at(-1)).toEqual({ text: 'record 399999' });
  records = undefined;
  spareMemory();
  expect(process.memoryUsage().heapTotal).toBeLessThan(most - 20_000_000);
  expect('gc' in globalThis).toBe(false);
});
