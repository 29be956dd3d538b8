import type { Handler } from './handler.ts';
import { viewBackup } from './hsm-status.ts';

export const hsmBackup: Handler<'hsm.backup'> = async ({ core, actor }) => {
  const { made, backup, removed } = await core.backups.make(core.session(), actor);
  core.emit({ type: 'changed', what: ['hsm'] });
  return { backup: viewBackup(backup), report: made.report, removed };
};
