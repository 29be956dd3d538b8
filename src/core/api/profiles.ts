import { KeyholdError } from '../../contract/errors.ts';
import type { Origin } from '../../contract/origins.ts';
import { type Actor, hexId } from '../draft.ts';
import { leaveChange, leavesToTools, mayLeaveOf } from '../leave/may-leave.ts';
import { forgetLeft } from '../leave/remove-left.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { assertProfile } from '../sessions/assert-profile.ts';
import { chainOf } from '../sessions/chain.ts';
import type { KeptOrigin } from '../sessions/origins/kept-origin.ts';
import { keepOrigin } from '../sessions/origins/origins.ts';
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

  'profile.add': ({ core, actor }, { account: accountName, key, source, origin, region, ...input }) => {
    assertMayName(actor, origin);
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
        origin: origin === undefined ? undefined : keepOrigin(things, origin),
        region: region ?? DEFAULT_REGION,
        createdAt: core.ports.clock.now(),
      });
      assertProfile(things, { id, value });
      draft.put('profile', id, value);
      const reason = leaveChange(omitUndefined({ ...value, mayLeave: undefined }), value);
      draft.record('profile.add', input.name, {
        account: account.value.name,
        profile: input.name,
        ...(reason === undefined ? {} : { reason }),
      });
      return () => viewProfile(things, { id, value }, 0);
    });
  },

  'profile.update': ({ core, actor }, { name, rename, ...change }) => {
    assertMayName(actor, change.origin);
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
          origin: change.origin === undefined ? undefined : keepOrigin(things, change.origin),
        }),
        name: rename ?? value.name,
        role: kept(change.role, value.role),
        mfaSerial: kept(change.mfaSerial, value.mfaSerial),
        sessionSeconds: kept(change.sessionSeconds, value.sessionSeconds),
        mayLeave: change.mayLeave === undefined ? value.mayLeave : { ...value.mayLeave, ...change.mayLeave },
        leaveSeconds: kept(change.leaveSeconds, value.leaveSeconds),
        region: change.region ?? value.region,
        output: change.output ?? value.output,
      });
      assertProfile(things, { id, value: next });
      draft.put('profile', id, next);
      // Nothing would come and replace it.
      if (sessionKind(chainOf(things, { id, value: next })) === undefined) removeSession(draft, things, id);
      if (!leavesToTools(next)) forgetLeft(draft, things, id);
      const reason = leaveChange(value, next);
      draft.record('profile.update', next.name, {
        profile: next.name,
        ...(reason === undefined ? {} : { reason }),
        ...renamed(value.name, next.name),
      });
      return () => {
        if (!mayLeaveOf(next).container) core.containers.endOf(id);
        return viewProfile(things, { id, value: next }, clientsByProfile(things).get(id) ?? 0);
      };
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

/** Key, source and origin take each other's place, unless several are given, which is refused later. */
function signs(
  value: Thing<'profile'>,
  {
    key,
    source,
    origin,
  }: { key: Found<'accessKey'> | undefined; source: Found<'profile'> | undefined; origin: KeptOrigin | undefined },
): Record<'key' | 'source', string | undefined> & { origin: KeptOrigin | undefined } {
  if (key === undefined && source === undefined && origin === undefined) {
    return { key: value.key, source: value.source, origin: value.origin };
  }
  return { key: key?.id, source: source?.id, origin };
}

/** A page that was taken over, in the app or a browser, must not have code of its own run, nor a file sent to an endpoint that it can name too. */
function assertMayName(actor: Actor, origin: Origin | undefined): void {
  if (actor === 'cli') return;
  if (origin?.kind === 'process') {
    throw new KeyholdError(
      'Unauthorized',
      'Keyhold runs the program, so only the command line may name one: keyhold profile add NAME --account ACCOUNT --credential-process COMMAND.',
    );
  }
  if (origin?.kind === 'webIdentity' && origin.tokenFile !== undefined) {
    throw new KeyholdError(
      'Unauthorized',
      'Keyhold reads the file and sends what it holds, so only the command line may name one: keyhold profile add NAME --account ACCOUNT --role-arn ARN --web-identity-token-file FILE.',
    );
  }
}

/** Null takes away what there is. */
function kept<T>(given: T | null | undefined, before: T | undefined): T | undefined {
  return given === null ? undefined : (given ?? before);
}
