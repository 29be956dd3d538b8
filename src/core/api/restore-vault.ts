import { existsSync } from 'node:fs';
import { KeyholdError } from '../../contract/errors.ts';
import type { Core } from '../core.ts';
import { toHex } from '../crypto/bytes.ts';
import { makeEvent } from '../draft.ts';
import { givenWayIn } from '../security-keys/way-in.ts';
import { readAnchor } from '../vault/anchor.ts';
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
  const { lifecycle, mirrors } = core;
  assertAbsolute(path);
  if (!existsSync(path)) throw new KeyholdError('NotFound', `There is no file ${path}. Name the backup to restore.`);
  await lifecycle.lock('restore', actor);
  return lifecycle.exclusively(async () => {
    const live = lifecycle.openedVault();
    const before = live === null ? readAnchor(lifecycle.parts.vaultPath)?.vaultId : toHex(live.vaultId);
    const hsm = lifecycle.hsm();
    const given = givenWayIn(core.securityKeys, hsm, secret, { purpose: 'unlock', connection: call.connection });
    try {
      await lifecycle.audit()?.flush();
      // The backup may be a mirror.
      await mirrors.release();
      const result = await throttled(call, 'vault.restore', () =>
        restoreFile({
          source: path,
          vaultPath: lifecycle.parts.vaultPath,
          hsm,
          secret: (slots) => given.of(slots),
          live,
          now: core.ports.clock.now(),
        }),
      );
      lifecycle.abandon();
      if (before === undefined || result.report.vaultId === before) await mirrors.setAside(path);
      else forgetMirrors(core);
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
      await given.end();
      mirrors.reopen();
      lifecycle.parts.onState();
    }
  });
};

/** Another vault is here now: the mirrors of the one before stay what they are, and it has its own. */
function forgetMirrors({ mirrors, config }: Core): void {
  if (mirrors.list().length === 0) return;
  mirrors.use([]);
  config.update({ mirrors: [] });
}
