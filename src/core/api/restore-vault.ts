import { existsSync } from 'node:fs';
import { KeyholdError } from '../../contract/errors.ts';
import { makeEvent } from '../draft.ts';
import { restoreVault as restoreFile } from '../vault/restore.ts';
import { keepsProcess, throttled } from './authorize.ts';
import type { Handler } from './handler.ts';
import { assertAbsolute } from './vault.ts';

/**
 * Puts a verified backup in the vault's place. Works locked and without a vault. An unlocked vault is locked first: its HSM process cannot hold two root keys, and the
 * caller, whose secret was sealed to that process, gets `StaleSealKey` and asks again.
 */
export const restoreVault: Handler<'vault.restore'> = async (call, { path, secret }) => {
  const { core, actor } = call;
  const { lifecycle } = core;
  assertAbsolute(path);
  if (!existsSync(path)) throw new KeyholdError('NotFound', `There is no file ${path}. Name the backup to restore.`);
  await lifecycle.lock('restore', actor);
  return lifecycle.exclusively(async () => {
    const live = lifecycle.openedVault();
    const hsm = lifecycle.hsm();
    try {
      await lifecycle.audit()?.flush();
      const result = await throttled(call, 'vault.restore', () =>
        restoreFile({
          source: path,
          vaultPath: lifecycle.parts.vaultPath,
          hsm,
          secret,
          live,
          now: core.ports.clock.now(),
        }),
      );
      lifecycle.abandon();
      lifecycle.reopen();
      lifecycle.audit()?.record(makeEvent(core.ports, { action: 'vault.restore', actor, target: path }));
      // It holds the backup's root key.
      await lifecycle.keeper.replace();
      return result;
    } catch (error) {
      if (live !== null && !live.file.db.open) {
        lifecycle.abandon();
        lifecycle.reopen();
      }
      if (!keepsProcess(error)) await lifecycle.keeper.replace();
      throw error;
    } finally {
      lifecycle.parts.onState();
    }
  });
};
