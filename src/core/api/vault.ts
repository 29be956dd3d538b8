import { isAbsolute } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { checkContents } from '../check-contents.ts';
import { ifRoom } from '../disk-full.ts';
import { checkVault } from '../vault/check.ts';
import { createVault } from './create-vault.ts';
import type { Handlers } from './handler.ts';
import { noteOrQueue } from './note-or-queue.ts';
import { restoreVault } from './restore-vault.ts';
import { suspectVault } from './suspect-vault.ts';
import { unlockVault } from './unlock-vault.ts';

export const vaultHandlers: Handlers<
  'vault.create' | 'vault.unlock' | 'vault.lock' | 'vault.check' | 'vault.backup' | 'vault.restore'
> = {
  'vault.create': createVault,
  'vault.unlock': unlockVault,
  'vault.restore': restoreVault,

  'vault.lock': async ({ core, actor }) => {
    if (core.lifecycle.state() === 'none') core.session();
    await core.lifecycle.lock('request', actor);
    return core.status();
  },

  'vault.check': async ({ core }) => {
    const session = core.session();
    await ifRoom(() => session.audit.flush());
    const report = await checkVault(session.vault, session.hsm, checkContents);
    if (!report.ok) suspectVault(core);
    return report;
  },

  'vault.backup': async ({ core, actor }, { path, overwrite }) => {
    const session = core.session();
    assertAbsolute(path);
    await ifRoom(async () => {
      await session.flushUsage();
      await session.audit.flush();
    });
    const made = await core.backups.makeAt(session, path, overwrite ?? false);
    await noteOrQueue(core, session, actor, 'vault.backup', made.path);
    return made;
  },
};

/** The daemon’s working folder is not the caller’s. */
export function assertAbsolute(path: string, name = 'path'): void {
  if (!isAbsolute(path)) throw new KeyholdError('InvalidInput', `${name}: give the whole path, not ${path}.`);
}
