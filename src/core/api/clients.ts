import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { newUserName, userNameOf } from '../client-user-name.ts';
import { parsePolicy } from '../iam/index.ts';
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
    const things = await session.need('client', 'profile', 'account', 'securityKey');
    const now = core.ports.clock.now();
    return { clients: things.all('client').map((client) => viewClient(things, session.freshClient(client), now)) };
  },

  'client.add': async ({ core, actor }, input) => {
    const session = core.session();
    const { things } = session;
    // Its address is part of the answer.
    await core.shell.doorSettled();
    return session.write(actor, (draft) => {
      things.assertFree('client', input.name);
      const profile = profileOf(things, input);
      const policy = policyOf(things, profile, input.principal);
      return makeClientKey(core, session, draft, {
        name: input.name,
        purpose: 'tool',
        profile,
        ...(policy === undefined ? {} : { policy, userName: newUserName(things, profile.value.account, input.name) }),
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
      const next = {
        ...value,
        name: rename ?? value.name,
        enabled: enabled ?? value.enabled,
        // Policies and grants go on meaning this client.
        ...(value.policy === undefined ? {} : { userName: userNameOf(value) }),
      };
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

/** The profile a new client is for: the one named, or the first of the local account named. */
function profileOf(things: Things, { profile, account }: Input<'client.add'>): Found<'profile'> {
  if (profile !== undefined && account === undefined) return things.byName('profile', profile);
  if (profile !== undefined || account === undefined) {
    throw new KeyholdError('InvalidInput', 'profile: say either a profile or a local account.');
  }
  const { id, value } = things.byName('account', account);
  if (value.kind === 'remote') {
    throw new KeyholdError(
      'InvalidInput',
      `account: ${value.name} is a remote account; name one of its profiles instead.`,
    );
  }
  const own = things.all('profile').filter((one) => one.value.account === id);
  const first =
    own.find((one) => one.value.name === value.name) ?? own.sort((a, b) => a.value.createdAt - b.value.createdAt)[0];
  if (first === undefined) {
    throw new KeyholdError(
      'NotFound',
      `The account ${value.name} has no profile, which gives a client its region. Add one first.`,
    );
  }
  return first;
}

/** The client's own policy, where it is to have one; refused where it means nothing or cannot be read. Throws `InvalidInput`, with line and column. */
function policyOf(
  things: Things,
  profile: Found<'profile'>,
  principal: Input<'client.add'>['principal'],
): string | undefined {
  if (principal === undefined) return undefined;
  const account = things.must('account', profile.value.account);
  if (account.kind === 'remote') {
    throw new KeyholdError(
      'InvalidInput',
      `principal: ${account.name} is a remote account; there, the policies of the access key's own user decide.`,
    );
  }
  if (principal.type === 'root') return undefined;
  parsePolicy(principal.document, { kind: 'identity' });
  return principal.document;
}

/** By name, or by the client key's id, which is what a tool knows of itself. */
export function findClient(things: Things, name: string): Found<'client'> {
  if (name === '') throw new KeyholdError('InvalidInput', 'name: give a client’s name or its key id.');
  return things.clientByKeyId(name) ?? things.byName('client', name);
}
