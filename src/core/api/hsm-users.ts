import { KeyholdError } from '../../contract/errors.ts';
import type { HsmUserInfo } from '../../contract/hsm-users.ts';
import type { HsmOutput, StagedUsers } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { isRecoveryCode } from '../vault/slot-descriptor.ts';
import { throttled, withWayIn } from './authorize.ts';
import { byOfficer, refusals } from './by-officer.ts';
import type { CallContext, Handlers } from './handler.ts';
import { replyKeyBytes } from './make-client-key.ts';
import { publicKeyDer } from './public-key-der.ts';
import { viewUser, viewUsers } from './view-hsm-users.ts';

type UserMethods =
  | 'hsm.users'
  | 'hsm.usersInit'
  | 'hsm.usersReset'
  | 'hsm.login'
  | 'hsm.logout'
  | 'hsm.userAdd'
  | 'hsm.userRemove'
  | 'hsm.userPassword'
  | 'hsm.keyUseSet';

export const hsmUserHandlers: Handlers<UserMethods> = {
  'hsm.users': async ({ core }, { session: login }) => {
    const session = core.session();
    const things = await session.need('securityKey');
    const { view, who } = await session.hsm.call('viewUsers', login === undefined ? {} : { session: login });
    const recoveryCodes = session.vault.slots().filter(({ descriptor }) => isRecoveryCode(descriptor)).length;
    return { ...viewUsers(things, view), recoveryCodes, who };
  },

  'hsm.usersInit': async (call, { authorize, name, password, publicKey }) => {
    const { core } = call;
    const session = core.session();
    const kdf = await core.lifecycle.kdf();
    const input = { name, password, kdf, publicKey: publicKeyDer(publicKey) };
    // The owner’s secret is tried like any of theirs, also for the wait after wrong ones.
    const slots = () => session.vault.slots();
    await withWayIn(call, authorize, slots, 'authorize', (secret) =>
      throttled(call, 'hsm.user.init', () =>
        changed(call, session, 'hsm.user.init', name, {}, () =>
          session.hsm.call('initUsers', { ...input, secret, slots: slots(), createdAt: core.ports.clock.now() }),
        ),
      ),
    );
    return userNamed(session, name);
  },

  'hsm.usersReset': async (call, { recoveryCode }) => {
    const session = call.core.session();
    await throttled(call, 'hsm.user.reset', () =>
      changed(call, session, 'hsm.user.reset', undefined, { reason: 'by the recovery code' }, () =>
        session.hsm.call('resetUsers', { recoveryCode, slots: session.vault.slots() }),
      ),
    );
    return {};
  },

  'hsm.login': async (call, { name, password, replyKey }) => {
    const session = call.core.session();
    const reply = replyKeyBytes(replyKey);
    const login = await refusals(call, 'hsm.login', name, () =>
      session.hsm.call('hsmLogin', { name, password, replyKey: reply }),
    );
    await session.note(call.actor, 'hsm.login', name, { reason: `${name}, ${login.role}` });
    tell(call);
    return login;
  },

  'hsm.logout': async (call, { session: login }) => {
    const session = call.core.session();
    const { user } = await session.hsm.call('hsmLogout', { session: login });
    if (user !== null) await session.note(call.actor, 'hsm.logout', user);
    tell(call);
    return { name: user };
  },

  'hsm.userAdd': async (call, { session: login, publicKey, ...user }) => {
    const { core } = call;
    const kdf = await core.lifecycle.kdf();
    const key = publicKeyDer(publicKey);
    const session = await byOfficer(call, login, 'hsm.user.add', user.name, () => ({
      ...{ do: 'add-user', ...user, kdf, publicKey: key, createdAt: core.ports.clock.now() },
    }));
    return userNamed(session, user.name);
  },

  'hsm.userRemove': async (call, { session: login, name }) => {
    await byOfficer(call, login, 'hsm.user.remove', name, () => ({ do: 'remove-user', name }));
    return {};
  },

  'hsm.userPassword': async (call, { name, current, next }) => {
    const session = call.core.session();
    const kdf = await call.core.lifecycle.kdf();
    await refusals(call, 'hsm.user.password', name, () =>
      changed(call, session, 'hsm.user.password', name, {}, () =>
        session.hsm.call('changeUserPassword', { name, current, next, kdf }),
      ),
    );
    return {};
  },

  'hsm.keyUseSet': async (call, { session: login, needsLogin }) => {
    const what = needsLogin ? 'a crypto user has to be logged in' : 'no login';
    await byOfficer(call, login, 'hsm.keyUse.set', what, () => ({ do: 'set-key-use', needsLogin }));
    return { needsLogin };
  },
};

function tell({ core }: CallContext): void {
  core.emit({ type: 'changed', what: ['hsm'] });
}

/** One change of the users, with its entry in the log. */
function changed(
  { actor }: CallContext,
  session: Session,
  action: string,
  target: string | undefined,
  more: { reason?: string },
  make: () => Promise<StagedUsers>,
): Promise<void> {
  return session.write(actor, async (draft) => {
    const { staged } = await make();
    draft.users = staged;
    draft.record(action, target, more);
    return () => undefined;
  });
}

async function userNamed(session: Session, name: string): Promise<HsmUserInfo> {
  const { view }: HsmOutput<'viewUsers'> = await session.hsm.call('viewUsers', {});
  const user = view?.users.find((one) => one.name === name);
  if (user !== undefined) return viewUser(user);
  throw new KeyholdError('NotFound', `The HSM user ${name} has been removed meanwhile.`);
}
