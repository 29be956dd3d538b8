import { KeyholdError } from '../../contract/errors.ts';
import type { Handlers } from './handler.ts';

export const serviceHandlers: Handlers<'service.call'> = {
  'service.call': async ({ core, actor }, { account: name, ...call }) => {
    const session = core.session();
    const things = await session.need('account');
    const account = things.byName('account', name);
    if (account.value.kind === 'remote') {
      throw new KeyholdError(
        'Unsupported',
        `The account ${account.value.name} is a remote account, which only tools use. Use keyhold exec.`,
      );
    }
    const output = await core.shell.callService({ account, ...call, session, actor });
    return { output };
  },
};
