import type { HsmUserInfo, HsmUsers, QuorumTokenInfo } from '../../contract/hsm-users.ts';
import { describeAct } from '../describe-act.ts';
import { keyNamed, viewGate } from '../gates/view-gate.ts';
import type { HsmUsersView, QuorumTokenView } from '../hsm/protocol.ts';
import type { Things } from '../things.ts';
import { instant } from '../views.ts';

/** All of this is of use once the kind `securityKey` has been read. */
export function viewUsers(things: Things, view: HsmUsersView | null): Omit<HsmUsers, 'who' | 'recoveryCodes'> {
  if (view === null) {
    const none = { quorum: { key: 0, user: 0 }, touch: { key: null, user: null }, keyUseNeedsLogin: false };
    return { users: [], ...none, tokens: [], released: 0 };
  }
  const { key, user } = view.touch;
  return {
    ...view,
    touch: { key: key === null ? null : viewGate(things, key), user: user === null ? null : viewGate(things, user) },
    users: view.users.map(viewUser),
    tokens: view.tokens.map((token) => viewToken(things, token)),
  };
}

export function viewUser(user: HsmUsersView['users'][number]): HsmUserInfo {
  return { ...user, createdAt: instant(user.createdAt) };
}

export function viewToken(things: Things, token: QuorumTokenView): QuorumTokenInfo {
  const { message, act, ...rest } = token;
  return {
    ...rest,
    action: actionOf(act),
    description: describeAct(act, (key) => keyNamed(things, key)),
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
