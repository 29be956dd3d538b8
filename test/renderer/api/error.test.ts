import { expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { appearedAtIam, dependents } from '../../../src/renderer/api/error.ts';

test('what has appeared in IAM is read from the error that says so, and from no other', () => {
  const appeared = ['ACCAEXAMPLE123EXAMPLE'];
  expect(appearedAtIam(new KeyholdError('InUse', 'It has appeared.', { appeared }))).toEqual(appeared);
  expect(appearedAtIam(new KeyholdError('InUse', 'It is in use.', { dependents: ['a'] }))).toEqual([]);
  expect(appearedAtIam(new KeyholdError('NotFound', 'It is not there.', { appeared }))).toEqual([]);
  expect(appearedAtIam(new Error('appeared'))).toEqual([]);
  expect(dependents(new KeyholdError('InUse', 'It is in use.', { dependents: ['a'] }))).toEqual(['a']);
});
