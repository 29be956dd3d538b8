import { KeyholdError } from '../../contract/errors.ts';
import { hexId } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Found, Thing, Things } from '../things.ts';
import { clientsByProfile, viewProfile } from '../views.ts';
import { renamed } from './accounts.ts';
import { DEFAULT_REGION } from './default-region.ts';
import type { Handlers } from './handler.ts';
import { dependentsOfProfile, removeProfile, removeWithDependents } from './removal.ts';

export const profileHandlers: Handlers<'profile.list' | 'profile.add' | 'profile.update' | 'profile.remove'> = {
  'profile.list': async ({ core }) => {
    const things = await core.session().need('profile', 'account', 'accessKey', 'client', 'securityKey');
    const clients = clientsByProfile(things);
    return {
      profiles: things.all('profile').map((profile) => viewProfile(things, profile, clients.get(profile.id) ?? 0)),
    };
  },

  'profile.add': ({ core, actor }, input) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const account = things.byName('account', input.account);
      const key = signingKey(things, account, input.key);
      things.assertFree('profile', input.name);
      const id = hexId(core.ports);
      const value: Thing<'profile'> = omitUndefined({
        name: input.name,
        account: account.id,
        key: key?.id,
        region: input.region ?? DEFAULT_REGION,
        output: input.output,
        createdAt: core.ports.clock.now(),
      });
      draft.put('profile', id, value);
      draft.record('profile.add', input.name, { account: account.value.name, profile: input.name });
      return () => viewProfile(things, { id, value }, 0);
    });
  },

  'profile.update': ({ core, actor }, { name, rename, key: keyName, region, output }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('profile', name);
      if (rename !== undefined) things.assertFree('profile', rename, id);
      const account = { id: value.account, value: things.must('account', value.account) };
      const key = keyName === undefined ? undefined : signingKey(things, account, keyName);
      const next: Thing<'profile'> = omitUndefined({
        ...value,
        name: rename ?? value.name,
        key: key?.id ?? value.key,
        region: region ?? value.region,
        output: output ?? value.output,
      });
      draft.put('profile', id, next);
      draft.record('profile.update', next.name, { profile: next.name, ...renamed(value.name, next.name) });
      return () => viewProfile(things, { id, value: next }, clientsByProfile(things).get(id) ?? 0);
    });
  },

  'profile.remove': ({ core, actor }, { name, cascade }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('profile', name);
      const dependents = dependentsOfProfile(session.things, id);
      removeWithDependents(draft, { noun: 'profile', name: value.name, cascade: cascade ?? false }, dependents);
      removeProfile(draft, { id, value });
      return () => ({});
    });
  },
};

/** The key a profile of this account signs with: one of the account's own, or none where the account is local. */
function signingKey(
  things: Things,
  account: Found<'account'>,
  name: string | undefined,
): Found<'accessKey'> | undefined {
  if (account.value.kind === 'local') {
    if (name === undefined) return undefined;
    throw new KeyholdError(
      'InvalidInput',
      `key: the account ${account.value.name} is local; its profiles have no key.`,
    );
  }
  if (name === undefined) {
    throw new KeyholdError('InvalidInput', `key: say which access key of ${account.value.name} signs.`);
  }
  const key = things.byName('accessKey', name);
  assertSameAccount(key, account);
  return key;
}

function assertSameAccount(key: Found<'accessKey'>, account: Found<'account'>): void {
  if (key.value.account === account.id) return;
  throw new KeyholdError(
    'InvalidInput',
    `key: the access key ${key.value.name} does not belong to the account ${account.value.name}; choose one that does.`,
  );
}
