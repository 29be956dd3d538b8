import { KeyholdError } from '../../contract/errors.ts';
import type { Found, Things } from '../things.ts';
import { viewClient } from '../views.ts';
import { renamed } from './accounts.ts';
import type { Handlers } from './handler.ts';
import { issueClient } from './issue-client.ts';
import { makeClientKey } from './make-client-key.ts';
import { removeClient } from './removal.ts';

export const clientHandlers: Handlers<
  'client.list' | 'client.add' | 'client.issue' | 'client.update' | 'client.remove'
> = {
  'client.list': async ({ core }) => {
    const session = core.session();
    const things = await session.need('client', 'profile');
    const now = core.ports.clock.now();
    return { clients: things.all('client').map((client) => viewClient(things, session.freshClient(client), now)) };
  },

  'client.add': async ({ core, actor }, input) => {
    const session = core.session();
    // Its address is part of the answer.
    await core.shell.doorSettled();
    return session.write(actor, (draft) => {
      session.things.assertFree('client', input.name);
      return makeClientKey(core, session, draft, {
        name: input.name,
        purpose: 'tool',
        profile: session.things.byName('profile', input.profile),
        expiresInSeconds: input.expiresInSeconds,
        replyKey: input.replyKey,
      });
    });
  },

  'client.issue': issueClient,

  'client.update': ({ core, actor }, { name, rename, enabled }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const { id, value } = findClient(things, name);
      if (rename !== undefined) things.assertFree('client', rename, id);
      const next = { ...value, name: rename ?? value.name, enabled: enabled ?? value.enabled };
      draft.put('client', id, next);
      const action =
        next.enabled === value.enabled ? 'client.update' : next.enabled ? 'client.enable' : 'client.disable';
      draft.record(action, next.name, {
        client: next.name,
        clientKeyId: value.accessKeyId,
        ...renamed(value.name, next.name),
      });
      return () => viewClient(things, session.freshClient({ id, value: next }), core.ports.clock.now());
    });
  },

  'client.remove': ({ core, actor }, { name }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      removeClient(draft, findClient(session.things, name));
      return () => ({});
    });
  },
};

/** By name, or by the client key's id, which is what a tool knows of itself. */
function findClient(things: Things, name: string): Found<'client'> {
  if (name === '') throw new KeyholdError('InvalidInput', 'name: give a client’s name or its key id.');
  return things.clientByKeyId(name) ?? things.byName('client', name);
}
