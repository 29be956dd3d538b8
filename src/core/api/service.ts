import { callLocal } from './call-local.ts';
import type { Handlers } from './handler.ts';
import { localAccount } from './local-account.ts';

export const serviceHandlers: Handlers<'service.call'> = {
  'service.call': async (call, { account: name, ...what }) => ({
    output: await callLocal(call, await localAccount(call.core.session(), name), what),
  }),
};
