import { expect, test } from 'vitest';
import { operationsProblem } from '../../../../src/renderer/features/kms/grant-operations.ts';

test('a grant gives something besides the making of grants', () => {
  expect(operationsProblem(new Set())).toBe('Tick at least one.');
  expect(operationsProblem(new Set(['CreateGrant']))).toMatch(/CreateGrant alone/);
  expect(operationsProblem(new Set(['CreateGrant', 'Encrypt']))).toBeNull();
});
