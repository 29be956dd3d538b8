import { hexId } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { assertProfile } from '../sessions/assert-profile.ts';
import { chainOf } from '../sessions/chain.ts';
import { removeSession } from '../sessions/remove-session.ts';
import { sessionKind } from '../sessions/session-kind.ts';
import type { Found, Thing } from '../things.ts';
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

  'profile.add': ({ core, actor }, { account: accountName, key, source, region, ...input }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const account = things.byName('account', accountName);
      things.assertFree('profile', input.name);
      const id = hexId(core.ports);
      const value: Thing<'profile'> = omitUndefined({
        ...input,
        account: account.id,
        key: key === undefined ? undefined : things.byName('accessKey', key).id,
        source: source === undefined ? undefined : things.byName('profile', source).id,
        region: region ?? DEFAULT_REGION,
        createdAt: core.ports.clock.now(),
      });
      assertProfile(things, { id, value });
      draft.put('profile', id, value);
      draft.record('profile.add', input.name, { account: account.value.name, profile: input.name });
      return () => viewProfile(things, { id, value }, 0);
    });
  },

  'profile.update': ({ core, actor }, { name, rename, ...change }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('profile', name);
      if (rename !== undefined) things.assertFree('profile', rename, id);
      const next: Thing<'profile'> = omitUndefined({
        ...value,
        ...signs(value, {
          key: change.key === undefined ? undefined : things.byName('accessKey', change.key),
          source: change.source === undefined ? undefined : things.byName('profile', change.source),
        }),
        name: rename ?? value.name,
        role: kept(change.role, value.role),
        mfaSerial: kept(change.mfaSerial, value.mfaSerial),
        sessionSeconds: kept(change.sessionSeconds, value.sessionSeconds),
        region: change.region ?? value.region,
        output: change.output ?? value.output,
      });
      assertProfile(things, { id, value: next });
      draft.put('profile', id, next);
      // Nothing would come and replace it.
      if (sessionKind(chainOf(things, { id, value: next })) === undefined) removeSession(draft, things, id);
      draft.record('profile.update', next.name, { profile: next.name, ...renamed(value.name, next.name) });
      return () => viewProfile(things, { id, value: next }, clientsByProfile(things).get(id) ?? 0);
    });
  },

  'profile.remove': ({ core, actor }, { name, cascade }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('profile', name);
      const dependents = dependentsOfProfile(session.things, { id, value });
      removeWithDependents(
        draft,
        session.things,
        { noun: 'profile', name: value.name, cascade: cascade ?? false },
        dependents,
      );
      removeProfile(draft, session.things, { id, value });
      return () => ({});
    });
  },
};

/** Key and source take each other's place, unless both are given, which is refused later. */
function signs(
  value: Thing<'profile'>,
  { key, source }: { key: Found<'accessKey'> | undefined; source: Found<'profile'> | undefined },
): { key: string | undefined; source: string | undefined } {
  if (key === undefined && source === undefined) return { key: value.key, source: value.source };
  return { key: key?.id, source: source?.id };
}

/** Null takes away what there is. */
function kept<T>(given: T | null | undefined, before: T | undefined): T | undefined {
  return given === null ? undefined : (given ?? before);
}
