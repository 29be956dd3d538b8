import { afterEach, expect, test } from 'vitest';
import { openVault } from '../../../src/core/vault/store.ts';
import { clearUnlockFailures, noteUnlockFailure, unlockFailures } from '../../../src/core/vault/unlock-failures.ts';
import { makeTestVault, removeTestFolders, reopen } from '../../support/vault.ts';

afterEach(() => removeTestFolders());

test('failed unlocks are counted across restarts, while locked, and do not disturb the vault', async () => {
  const file = await makeTestVault();
  await file.vault.close();
  const first = openVault(file.path);
  expect(unlockFailures(first)).toEqual({ count: 0, lastAt: 0 });
  noteUnlockFailure(first, 1000);
  noteUnlockFailure(first, 2000);
  await first.close();

  const { vault } = await reopen(file);
  expect(unlockFailures(vault)).toEqual({ count: 2, lastAt: 2000 });
  clearUnlockFailures(vault);
  expect(unlockFailures(vault)).toEqual({ count: 0, lastAt: 0 });
  vault.rows.setMeta('unlock_failures', Buffer.from('{"count": -5}'));
  expect(unlockFailures(vault)).toEqual({ count: 0, lastAt: 0 });
  vault.rows.setMeta('unlock_failures', Buffer.from('rubbish'));
  expect(unlockFailures(vault)).toEqual({ count: 0, lastAt: 0 });
  await vault.close();
});
