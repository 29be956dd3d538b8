import { KeyholdError } from '../../contract/errors.ts';
import type { HsmUserInfo, HsmUsers, QuorumTokenInfo } from '../../contract/hsm-users.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { describeAct } from '../describe-act.ts';
import { makeEvent } from '../draft.ts';
import type { HsmOutput, HsmUsersView, QuorumTokenView, StagedUsers, UsersChange } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { isRecoveryCode } from '../vault/slot-descriptor.ts';
import { instant } from '../views.ts';
import { throttled, withWayIn } from './authorize.ts';
import type { CallContext, Handlers } from './handler.ts';
import { replyKeyBytes } from './make-client-key.ts';
import { publicKeyDer } from './public-key-der.ts';
import { wantedAct } from './wanted-act.ts';

type UserMethods =
  | 'hsm.users'
  | 'hsm.usersInit'
  | 'hsm.usersReset'
  | 'hsm.login'
  | 'hsm.logout'
  | 'hsm.userAdd'
  | 'hsm.userRemove'
  | 'hsm.userPassword'
  | 'hsm.quorumSet'
  | 'hsm.keyUseSet'
  | 'hsm.quorumTokenCreate'
  | 'hsm.quorumApprove'
  | 'hsm.quorumCancel';

export const hsmUserHandlers: Handlers<UserMethods> = {
  'hsm.users': async ({ core }, { session: login }) => {
    const { view, who } = await core.session().hsm.call('viewUsers', login === undefined ? {} : { session: login });
    return {
      ...viewUsers(view),
      recoveryCodes: core
        .session()
        .vault.slots()
        .filter(({ descriptor }) => isRecoveryCode(descriptor)).length,
      who,
    };
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

  'hsm.quorumSet': async (call, { session: login, service, required }) => {
    await byOfficer(call, login, 'hsm.quorum.set', `${service}: ${required}`, () => ({
      ...{ do: 'set-quorum', service, required },
    }));
    return { service, required };
  },

  'hsm.keyUseSet': async (call, { session: login, needsLogin }) => {
    const what = needsLogin ? 'a crypto user has to be logged in' : 'no login';
    await byOfficer(call, login, 'hsm.keyUse.set', what, () => ({ do: 'set-key-use', needsLogin }));
    return { needsLogin };
  },

  'hsm.quorumTokenCreate': async (call, { session: login, act, expiresInSeconds }) => {
    const { core } = call;
    const session = core.session();
    const wanted = await wantedAct(session, act, core.ports.clock.now());
    const made = await refusals(call, 'hsm.quorum.tokenCreate', act.do, () =>
      session.write(call.actor, async (draft) => {
        const { staged, token } = await session.hsm.call('createQuorumToken', {
          session: login,
          id: session.newId(),
          act: wanted,
          expiresAt: core.ports.clock.now() + expiresInSeconds * 1000,
        });
        draft.users = staged;
        draft.record('hsm.quorum.tokenCreate', token.id, { reason: `${token.createdBy}: ${describeAct(token.act)}` });
        return () => token;
      }),
    );
    return viewToken(made);
  },

  'hsm.quorumApprove': async (call, { id: given, user, signature, password }) => {
    const session = call.core.session();
    const id = await tokenId(session, given);
    const proof = proofOf(signature, password);
    const token = await refusals(call, 'hsm.quorum.approve', id, () =>
      session.write(call.actor, async (draft) => {
        const { staged, token } = await session.hsm.call('approveQuorumToken', { id, user, proof });
        draft.users = staged;
        draft.record('hsm.quorum.approve', id, {
          reason: `${user}, ${token.approvals.length} of ${token.required}: ${describeAct(token.act)}`,
        });
        return () => token;
      }),
    );
    return viewToken(token);
  },

  'hsm.quorumCancel': async (call, { session: login, id: given }) => {
    const session = call.core.session();
    const id = await tokenId(session, given);
    await refusals(call, 'hsm.quorum.cancel', id, () =>
      session.write(call.actor, async (draft) => {
        const { staged, by } = await session.hsm.call('cancelQuorumToken', { session: login, id });
        draft.users = staged;
        draft.record('hsm.quorum.cancel', id, { reason: `by ${by}` });
        return () => undefined;
      }),
    );
    return { id };
  },
};

function tell({ core }: CallContext): void {
  core.emit({ type: 'changed', what: ['hsm'] });
}

/** A refused attempt enters the log, whatever it was refused for. */
async function refusals<T>(call: CallContext, action: string, target: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const refused = ['WrongSecret', 'TooManyAttempts', 'HsmLoginRequired', 'QuorumRequired'];
    if (error instanceof KeyholdError && refused.includes(error.code)) {
      const { core, actor } = call;
      const event = makeEvent(core.ports, {
        action,
        actor,
        target,
        decision: 'denied',
        reason: `${target}: ${error.code}`,
      });
      core.lifecycle.audit()?.record(event);
      core.emit({ type: 'audit', event });
    }
    throw error;
  }
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

async function byOfficer(
  call: CallContext,
  login: Sealed,
  action: string,
  target: string,
  change: () => UsersChange,
): Promise<Session> {
  const session = call.core.session();
  await refusals(call, action, target, () =>
    session.write(call.actor, async (draft) => {
      const { staged, by } = await session.hsm.call('changeUsers', { session: login, change: change() });
      draft.users = staged;
      draft.record(action, target, { reason: `${target}, by ${by}` });
      return () => undefined;
    }),
  );
  return session;
}

function proofOf(signature: string | undefined, password: Sealed | undefined) {
  if (password !== undefined && signature === undefined) return { password };
  if (signature !== undefined && password === undefined) {
    return { signature: new Uint8Array(Buffer.from(signature, 'base64')) };
  }
  throw new KeyholdError('InvalidInput', 'Approve with a signature or with a password: one of them.');
}

/** The whole id of a waiting token. Throws `NotFound` or, for digits that several begin with, `InvalidInput`. */
async function tokenId(session: Session, given: string): Promise<string> {
  const { view } = await session.hsm.call('viewUsers', {});
  const [found, ...others] = (view?.tokens ?? []).filter(({ id }) => id.startsWith(given));
  if (found === undefined) {
    throw new KeyholdError(
      'NotFound',
      'There is no such quorum token: it has been used, cancelled or has expired. List them with `keyhold hsm quorum status`.',
    );
  }
  if (others.length === 0) return found.id;
  throw new KeyholdError('InvalidInput', `Several quorum tokens begin with ${given}; give more of its digits.`);
}

function viewUsers(view: HsmUsersView | null): Omit<HsmUsers, 'who' | 'recoveryCodes'> {
  if (view === null) {
    return { users: [], quorum: { key: 0, user: 0 }, keyUseNeedsLogin: false, tokens: [], released: 0 };
  }
  return { ...view, users: view.users.map(viewUser), tokens: view.tokens.map(viewToken) };
}

function viewUser(user: HsmUsersView['users'][number]): HsmUserInfo {
  return { ...user, createdAt: instant(user.createdAt) };
}

async function userNamed(session: Session, name: string): Promise<HsmUserInfo> {
  const { view }: HsmOutput<'viewUsers'> = await session.hsm.call('viewUsers', {});
  const user = view?.users.find((one) => one.name === name);
  if (user !== undefined) return viewUser(user);
  throw new KeyholdError('NotFound', `The HSM user ${name} has been removed meanwhile.`);
}

function viewToken(token: QuorumTokenView): QuorumTokenInfo {
  const { message, act, ...rest } = token;
  return {
    ...rest,
    action: actionOf(act),
    description: describeAct(act),
    createdAt: instant(token.createdAt),
    expiresAt: instant(token.expiresAt),
    approvals: token.approvals.map(({ user, at }) => ({ user, at: instant(at) })),
    unsigned: Buffer.from(message).toString('base64'),
  };
}

function actionOf(act: string): string {
  const parsed: unknown = JSON.parse(act);
  return typeof parsed === 'object' && parsed !== null && 'do' in parsed ? String(parsed.do) : 'unknown';
}
