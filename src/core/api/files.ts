import type { Handlers } from './handler.ts';
import { localAccount } from './local-account.ts';

export const fileHandlers: Handlers<'file.begin' | 'file.cancel'> = {
  'file.begin': async ({ core, actor }, job) => {
    const { accountId } = (await localAccount(core.session(), job.account)).value;
    return core.shell.files.begin(job, accountId, actor);
  },
  'file.cancel': ({ core }, { id }) => {
    core.shell.files.cancel(id);
    return {};
  },
};
