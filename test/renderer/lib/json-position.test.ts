import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonFault } from '../../../src/renderer/lib/json-position.ts';

test('what is JSON has no fault', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(findJsonFault(JSON.stringify(value, null, 2))).toBeNull();
    }),
  );
});

test.each([
  ['{\n  "a": 1,\n  b: 2\n}', 3],
  ['{\n  "a": [1, 2\n}', 3],
  ['{\n  "a": 1\n', 3],
  ['', 1],
])('%j is faulty in line %i', (text, line) => {
  expect(findJsonFault(text)).toMatchObject({ line, message: expect.stringContaining(`Line ${line}, column`) });
});

test('any text gets an answer, and a place that is in it', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const fault = findJsonFault(text);
      if (fault?.line != null) expect(fault.line).toBeLessThanOrEqual(text.split('\n').length);
    }),
  );
});
