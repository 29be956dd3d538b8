import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from '../../../src/renderer/lib/diff-lines.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });

test('both texts can be read from the difference, in order and by their numbers', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = diffLines(before.join('\n'), after.join('\n'));
      const side = (kind: 'added' | 'removed') =>
        diff.filter((line) => line.kind === kind || line.kind === 'same').map((line) => line.text);
      expect(side('removed')).toEqual(before);
      expect(side('added')).toEqual(after);
      for (const line of diff) {
        expect((line.kind === 'removed' ? before : after)[line.number - 1]).toBe(line.text);
      }
    }),
  );
});

test('what stayed stays, and a changed line is one out and one in', () => {
  const diff = diffLines('{\n  "a": 1,\n  "b": 2\n}', '{\n  "a": 1,\n  "b": 3\n}');
  expect(diff.map((line) => line.kind)).toEqual(['same', 'same', 'removed', 'added', 'same']);
  expect(diffLines('x', 'x')).toEqual([{ kind: 'same', text: 'x', number: 1 }]);
});
