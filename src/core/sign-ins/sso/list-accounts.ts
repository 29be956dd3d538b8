import { KeyholdError } from '../../../contract/errors.ts';
import type { SsoAccount } from '../../../contract/sso.ts';
import { omitUndefined } from '../../omit-undefined.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import type { Found } from '../../things.ts';
import { awsAccounts } from '../aws-accounts.ts';
import { settingsOf } from '../driver.ts';
import { profilesOfRoles } from './known-roles.ts';

/** The portal answers some twenty calls a second. */
const AT_ONCE = 4;
const MOST_TRIES = 5;
const FIRST_WAIT_MS = 500;

/** All accounts and roles of the person who is signed in, with what this vault has of them. */
export async function listSsoAccounts(session: Session, clock: Clock, signIn: Found<'signIn'>): Promise<SsoAccount[]> {
  settingsOf(signIn, 'sso');
  const { tokens } = session.signIns;
  const listed = await patiently(clock, () =>
    tokens.with(signIn.id, (sso, place, token) => sso.listAccounts(place, token)),
  );
  const roles = await inOrder(listed, AT_ONCE, ({ accountId }) =>
    patiently(clock, () =>
      tokens.with(signIn.id, (sso, place, token) => sso.listAccountRoles(place, token, accountId)),
    ),
  );
  const things = await session.need('account', 'profile');
  const accounts = awsAccounts(things);
  const known = profilesOfRoles(things, signIn.id);
  return listed
    .map(({ accountId, name, email }, index) => ({
      accountId,
      accountName: name,
      email,
      ...omitUndefined({ account: accounts.get(accountId)?.value.name }),
      roles: (roles[index] ?? [])
        .map((roleName) => ({ roleName, profiles: known.get(`${accountId} ${roleName}`) ?? [] }))
        .sort((a, b) => order(a.roleName, b.roleName)),
    }))
    .sort((a, b) => order(a.accountName, b.accountName) || order(a.accountId, b.accountId));
}

/** Asks again, a few times with growing waits, where the portal says that it is too much. */
async function patiently<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const throttled = error instanceof KeyholdError && error.details?.['name'] === 'TooManyRequestsException';
      if (!throttled || tries === MOST_TRIES) throw error;
    }
    await new Promise<void>((resolve) => {
      clock.setTimer(FIRST_WAIT_MS * 2 ** (tries - 1), resolve);
    });
  }
}

/** The outcomes in the order of the items; the first failure ends it. */
async function inOrder<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  let next = 0;
  let failed = false;
  const run = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      const item = items[index];
      if (item === undefined) return;
      try {
        out[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return out;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
