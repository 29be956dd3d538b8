import { KeyholdError } from '../../contract/errors.ts';
import type { SignInSettings } from '../../contract/sign-ins.ts';
import { hexId } from '../draft.ts';
import { DRIVERS } from '../sign-ins/drivers.ts';
import { endCredentialsOf, retryCredentialsOf, stopCredentialsOf } from '../sign-ins/end-credentials.ts';
import { removeSignIn, withoutLogin, withoutRegistration } from '../sign-ins/end-login.ts';
import { changeClientSecret } from '../sign-ins/oidc/client-secret.ts';
import type { Found, Thing } from '../things.ts';
import { renamed } from './accounts.ts';
import type { CallContext, Handlers } from './handler.ts';
import { dependentsOfReferred, removeWithDependents } from './removal.ts';

type Verb = 'list' | 'add' | 'update' | 'remove' | 'begin' | 'finish' | 'cancel' | 'logout';

export const signInHandlers: Handlers<`signIn.${Verb}`> = {
  'signIn.list': async ({ core }) => {
    const session = core.session();
    const things = await session.need('signIn', 'profile');
    return { signIns: things.all('signIn').map((found) => session.signIns.view(found)) };
  },

  'signIn.add': ({ core, actor }, { name, settings, clientSecret: given }) => {
    const session = core.session();
    return session.write(actor, async (draft) => {
      session.things.assertFree('signIn', name);
      const id = hexId(core.ports);
      const secret = await changeClientSecret(session.signIns.parts, draft, {
        name,
        before: undefined,
        settings,
        given,
      });
      const value: Thing<'signIn'> = { name, settings, createdAt: core.ports.clock.now(), ...secret };
      draft.put('signIn', id, value);
      draft.record('signIn.add', name);
      return () => session.signIns.view({ id, value });
    });
  },

  'signIn.update': ({ core, actor }, { name, rename, settings, clientSecret: given }) => {
    const session = core.session();
    const { things, signIns } = session;
    return session.write(actor, async (draft) => {
      const { id, value } = things.byName('signIn', name);
      if (rename !== undefined) things.assertFree('signIn', rename, id);
      const moved = settings !== undefined && differ(value.settings, settings);
      if (moved && settings.type !== value.settings.type) {
        throw new KeyholdError(
          'InvalidInput',
          `settings.type: ${value.name} is of the type ${value.settings.type}. Add another sign-in for ${settings.type}.`,
        );
      }
      // What was got elsewhere is of no use here, and must not be sent here.
      const kept = moved ? withoutRegistration(draft, withoutLogin(draft, value)) : value;
      const { clientSecret: _before, ...rest } = kept;
      const named = { ...rest, name: rename ?? value.name, settings: settings ?? value.settings };
      const { parts } = signIns;
      const change = { name: named.name, before: value, settings: named.settings, given };
      const next = { ...named, ...(await changeClientSecret(parts, draft, change)) };
      draft.put('signIn', id, next);
      draft.record('signIn.update', next.name, {
        ...renamed(value.name, next.name),
        ...(given === undefined ? {} : { reason: 'with another client secret' }),
      });
      const end = moved ? endCredentialsOf({ containers: core.containers, session }, draft, id) : undefined;
      return () => {
        if (moved) signIns.forget(id);
        end?.();
        // Who has just given the right secret is not told of the wrong one for minutes.
        if (end === undefined) retryCredentialsOf(session, id);
        return signIns.view({ id, value: next });
      };
    });
  },

  'signIn.remove': ({ core, actor }, { name, cascade }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { things } = session;
      const found = things.byName('signIn', name);
      const removed = { noun: 'sign-in', name: found.value.name, cascade: cascade ?? false };
      removeWithDependents(draft, things, removed, dependentsOfReferred(things, found.id));
      removeSignIn(draft, found);
      return () => {
        session.signIns.forget(found.id);
        return {};
      };
    });
  },

  'signIn.begin': async (call, { name, flow }) => {
    const found = await byName(call, name);
    return call.core.session().signIns.begin(call.actor, found, flow ?? 'browser');
  },

  'signIn.finish': async ({ core, connection, actor }, { id }) => {
    const { signIns } = core.session();
    try {
      return signIns.view(await signIns.finish(id, connection));
    } finally {
      // A command that was killed asks nobody any more; a page that is loaded again does.
      if (actor === 'cli' && connection?.aborted === true) await signIns.cancel(id);
    }
  },

  'signIn.cancel': async ({ core }, { id }) => ({ cancelled: await core.session().signIns.cancel(id) }),

  'signIn.logout': async (call, { name }) => {
    const session = call.core.session();
    const around = { containers: call.core.containers, session };
    const found = await byName(call, name);
    session.signIns.forget(found.id);
    stopCredentialsOf(around, found.id);
    const problem = found.value.login === undefined ? undefined : await tellOfLogout(call, found);
    const loggedOut = await session.write(
      call.actor,
      (draft) => {
        const { things } = session;
        const value = things.must('signIn', found.id);
        const end = endCredentialsOf(around, draft, found.id);
        // The other side may have said meanwhile that it has ended.
        const signedIn = (value.login ?? value.saml ?? found.value.login) !== undefined;
        if (signedIn || value.ended !== undefined) {
          draft.put('signIn', found.id, withoutLogin(draft, value));
          draft.record('signIn.logout', value.name, problem === undefined ? {} : { reason: problem });
        }
        return () => {
          end();
          return signedIn;
        };
      },
      ['signIn', 'profile', 'awsSession', 'leftSession'],
    );
    return { loggedOut, ...(problem === undefined ? {} : { problem }) };
  },
};

/** Why the other side was not told; a person who signs out is signed out here all the same. */
async function tellOfLogout({ core }: CallContext, found: Found<'signIn'>): Promise<string | undefined> {
  try {
    await DRIVERS[found.value.settings.type].logout(core.session().signIns.parts, found);
    return undefined;
  } catch (error) {
    if (error instanceof KeyholdError) return error.message;
    throw error;
  }
}

async function byName({ core }: CallContext, name: string): Promise<Found<'signIn'>> {
  return (await core.session().need('signIn', 'profile')).byName('signIn', name);
}

/** How a client shows its secret changes nothing of what was got with it. */
function differ(a: SignInSettings, b: SignInSettings): boolean {
  const [one, other] = [a, b].map((settings) => JSON.stringify({ ...settings, clientAuth: undefined }));
  return one !== other;
}
