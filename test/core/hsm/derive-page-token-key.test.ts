import { expect, test } from 'vitest';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';

const ACCOUNT = 'a'.repeat(32);

test('each account has a page-token key of its own, and no other vault has it', async () => {
  const hsm = startTestHsm();
  await expect(hsm.call('derivePageTokenKey', { account: ACCOUNT })).rejects.toMatchObject({ code: 'Locked' });
  await createTestVault(hsm);
  const { key } = await hsm.call('derivePageTokenKey', { account: ACCOUNT });
  expect(key).toHaveLength(32);
  expect((await hsm.call('derivePageTokenKey', { account: ACCOUNT })).key).toEqual(key);
  expect((await hsm.call('derivePageTokenKey', { account: 'b'.repeat(32) })).key).not.toEqual(key);
  await expect(hsm.call('derivePageTokenKey', { account: 'lab' })).rejects.toMatchObject({ code: 'InvalidInput' });

  const other = startTestHsm();
  await createTestVault(other);
  expect((await other.call('derivePageTokenKey', { account: ACCOUNT })).key).not.toEqual(key);
});
