import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PendingCalls } from '../../../src/core/hsm/pending-calls.ts';

describe('PendingCalls', () => {
  test('behaves as a map with numbers of its own does, whatever comes and goes in which order', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant('add' as const) },
      { weight: 2, arbitrary: fc.nat() },
      { weight: 1, arbitrary: fc.constant('oldest' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const calls = new PendingCalls<string>();
        const model = new Map<number, string>();
        let last = 0;
        for (const one of steps) {
          const ids = [...model.keys()];
          if (one === 'add') {
            const name = calls.add((id) => {
              expect(id).toBeGreaterThan(last);
              last = id;
              return `call ${id}`;
            });
            model.set(last, name);
          } else if (ids.length > 0) {
            const id = (one === 'oldest' ? ids[0] : ids[one % ids.length]) ?? 0;
            expect(calls.get(id)).toBe(model.get(id));
            expect(calls.delete(id)).toBe(true);
            expect(calls.delete(id)).toBe(false);
            expect(calls.get(id)).toBeUndefined();
            model.delete(id);
          }
          expect(calls.size).toBe(model.size);
        }
        for (const [id, name] of model) expect(calls.get(id)).toBe(name);
        expect(calls.takeAll().sort()).toEqual([...model.values()].sort());
        expect(calls.size).toBe(0);
      }),
    );
  });

  test('keeps a call that takes long while thousands of others pass, and more at once than there was room for', () => {
    const calls = new PendingCalls<number>();
    const slow = calls.add((id) => id);
    for (let round = 0; round < 3000; round++) calls.delete(calls.add((id) => id));
    expect(calls.get(slow)).toBe(slow);
    const many = Array.from({ length: 1000 }, () => calls.add((id) => id));
    for (const id of [slow, ...many]) expect(calls.get(id)).toBe(id);
    expect(calls.size).toBe(1001);
    expect(calls.get(0)).toBeUndefined();
    expect(calls.get(-1)).toBeUndefined();
  });
});
