import { hexId } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { viewAccount } from '../views.ts';
import type { Handlers } from './handler.ts';
import { dependentsOfAccount, removeWithDependents } from './removal.ts';

export const accountHandlers: Handlers<'account.list' | 'account.add' | 'account.update' | 'account.remove'> = {
  'account.list': async ({ core }) => {
    const things = await core.session().need('account');
    return { accounts: things.all('account').map(viewAccount) };
  },

  'account.add': ({ core, actor }, input) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      session.things.assertFree('account', input.name);
      const id = hexId(core.ports);
      const value = omitUndefined({ ...input, createdAt: core.ports.clock.now() });
      draft.put('account', id, value);
      draft.record('account.add', input.name, { account: input.name });
      return () => viewAccount({ id, value });
    });
  },

  'account.update': ({ core, actor }, { name, rename, endpointUrl, note }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('account', name);
      if (rename !== undefined) session.things.assertFree('account', rename, id);
      const next = omitUndefined({
        ...value,
        name: rename ?? value.name,
        endpointUrl: endpointUrl === null ? undefined : (endpointUrl ?? value.endpointUrl),
        note: note ?? value.note,
      });
      draft.put('account', id, next);
      draft.record('account.update', next.name, { account: next.name, ...renamed(value.name, next.name) });
      return () => viewAccount({ id, value: next });
    });
  },

  'account.remove': ({ core, actor }, { name, cascade }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('account', name);
      const dependents = dependentsOfAccount(session.things, id);
      removeWithDependents(draft, { noun: 'account', name: value.name, cascade: cascade ?? false }, dependents);
      draft.remove('account', id);
      draft.record('account.remove', value.name, { account: value.name });
      return () => ({});
    });
  },
};

/** The reason to put into the audit entry of a change that may rename. */
export function renamed(before: string, after: string): { reason?: string } {
  return before === after ? {} : { reason: `renamed from ${before}` };
}
