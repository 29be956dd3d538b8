import { KeyholdError } from '../../../contract/errors.ts';
import { toHex } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { HsmRole } from '../protocol.ts';
import { openSealed } from '../secret-input.ts';
import type { TokenState } from '../state.ts';
import type { HsmUser, Roster } from './roster.ts';
import { rosterNow, usersNow } from './state.ts';

/** A login is forgotten after this long without a use. */
export const IDLE_MS = 15 * 60_000;
const SECRET_BYTES = 32;
/** The oldest goes. */
const MOST_SESSIONS = 64;

function keyOf(secret: Uint8Array): string {
  return toHex(sha256(secret));
}

/** The session's secret, the caller's to wipe. */
export function openSession(state: TokenState, user: HsmUser): Uint8Array {
  const { sessions } = state.users;
  const secret = state.ports.random.bytes(SECRET_BYTES);
  if (sessions.size >= MOST_SESSIONS) {
    for (const oldest of sessions.keys()) {
      sessions.delete(oldest);
      break;
    }
  }
  sessions.set(keyOf(secret), {
    user: user.name,
    since: user.createdAt,
    salt: toHex(user.salt),
    lastUse: state.ports.clock.monotonic(),
  });
  return secret;
}

async function sessionKey(state: TokenState, value: unknown): Promise<string> {
  const secret = await openSealed(state, value, 'session', 'hsm-session');
  try {
    return keyOf(secret);
  } finally {
    wipe(secret);
  }
}

/** Ends a session and all others of its user; the name, null where there is no such session. */
export async function closeSession(state: TokenState, value: unknown): Promise<string | null> {
  const key = await sessionKey(state, value);
  const user = liveUser(state, key);
  if (user === null) return null;
  const { sessions } = state.users;
  for (const [other, session] of sessions) if (session.user === user.name) sessions.delete(other);
  return user.name;
}

/** The user of a session that has neither idled nor outlived its user or their password. */
function liveUser(state: TokenState, key: string): HsmUser | null {
  const session = state.users.sessions.get(key);
  if (session === undefined) return null;
  const roster = usersNow(state).roster;
  const user = roster?.users.find(
    ({ name, createdAt, salt }) => name === session.user && createdAt === session.since && toHex(salt) === session.salt,
  );
  if (user !== undefined && state.ports.clock.monotonic() - session.lastUse < IDLE_MS) return user;
  state.users.sessions.delete(key);
  return null;
}

export function liveSessions(state: TokenState): { user: string; role: HsmRole }[] {
  return [...state.users.sessions.keys()].flatMap((key) => {
    const user = liveUser(state, key);
    return user === null ? [] : [{ user: user.name, role: user.role }];
  });
}

/** Whether a crypto user is logged in. Counts as a use by all of them: keys work for every client while they do. */
export function noteCryptoUse(state: TokenState): boolean {
  const { sessions } = state.users;
  let found = false;
  for (const [key, session] of sessions) {
    if (liveUser(state, key)?.role !== 'crypto-user') continue;
    session.lastUse = state.ports.clock.monotonic();
    found = true;
  }
  return found;
}

/** The user that a caller is logged in as. Counts as a use. Null where the session has ended. */
export async function userOfSession(state: TokenState, value: unknown): Promise<HsmUser | null> {
  const key = await sessionKey(state, value);
  const user = liveUser(state, key);
  const session = state.users.sessions.get(key);
  if (user === null || session === undefined) return null;
  session.lastUse = state.ports.clock.monotonic();
  return user;
}

/** Throws `HsmLoginRequired`, `NotFound` where there are no users. */
export async function requireUser(state: TokenState, session: unknown): Promise<{ user: HsmUser; roster: Roster }> {
  rosterNow(state);
  const user = session === undefined ? null : await userOfSession(state, session);
  if (user === null) {
    throw new KeyholdError(
      'HsmLoginRequired',
      'Nobody is logged in to the HSM here, or the session has ended. Log in with `keyhold hsm login NAME`.',
    );
  }
  return { user, roster: rosterNow(state) };
}

export async function requireOfficer(state: TokenState, session: unknown): Promise<{ user: HsmUser; roster: Roster }> {
  const found = await requireUser(state, session);
  if (found.user.role === 'crypto-officer') return found;
  throw new KeyholdError(
    'HsmLoginRequired',
    `${found.user.name} is a crypto user, and this is for crypto officers. Log in as one.`,
  );
}
