import { expect, test } from 'vitest';
import { KeyholdError, toWireError } from '../../src/contract/errors.ts';

test('an error of another copy of the contract is one all the same', async () => {
  const copy: string = '../../src/contract/errors.ts?copy';
  const other = (await import(copy)) as typeof import('../../src/contract/errors.ts');
  expect(other.KeyholdError).not.toBe(KeyholdError);
  const foreign = new other.KeyholdError('VaultBusy', 'Held by process 7.', { holder: { pid: 7 } });
  expect(foreign).toBeInstanceOf(KeyholdError);
  expect(toWireError(foreign)).toEqual({
    code: 'VaultBusy',
    message: 'Held by process 7.',
    details: { holder: { pid: 7 } },
  });
});

test('a derived class has its own instances only, and what merely looks like an error is none', () => {
  class Special extends KeyholdError {}
  expect(new Special('NotFound', 'x')).toBeInstanceOf(KeyholdError);
  expect(new Special('NotFound', 'x')).toBeInstanceOf(Special);
  expect(new KeyholdError('NotFound', 'x')).not.toBeInstanceOf(Special);
  for (const value of [new Error('x'), { code: 'NotFound', message: 'x' }, null, undefined, 'NotFound']) {
    expect(value).not.toBeInstanceOf(KeyholdError);
  }
});
