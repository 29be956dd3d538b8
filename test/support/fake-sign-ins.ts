import { KeyholdError } from '../../src/contract/errors.ts';
import type { SamlRoles } from '../../src/contract/saml.ts';
import type { SignIn, SignInAttempt } from '../../src/contract/sign-ins.ts';
import type { SsoAccount } from '../../src/contract/sso.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Where people of a fake vault sign in, and what they may be there. */
export interface FakeSignIns {
  list: SignIn[];
  accounts: SsoAccount[];
}

const id = (index: number): string => `51${index.toString(16).padStart(30, '0')}`;
const ROLES = ['AdministratorAccess', 'BillingReadOnly', 'DatabaseOperator', 'DeveloperPowerUser', 'ReadOnlyAccess'];
const TEAMS = ['analytics', 'billing', 'checkout', 'identity', 'logistics', 'payments', 'platform', 'search'];

export function sampleSignIns(rows: number, now: number): FakeSignIns {
  if (rows === 0) return { list: [], accounts: [] };
  const at = (ms: number): string => new Date(now + ms).toISOString();
  const base = { createdAt: at(-90 * DAY), renewable: false, profiles: [] };
  const sso = (host: string) => ({
    type: 'sso' as const,
    startUrl: `https://${host}/start`,
    region: 'eu-central-1',
    scopes: ['sso:account:access'],
  });
  return {
    list: [
      {
        ...base,
        id: id(0),
        name: 'work',
        settings: sso('d-9067f2a1c4.awsapps.com'),
        state: 'active',
        who: 'maria.lind@example.com',
        signedInAt: at(-3 * HOUR),
        expiresAt: at(40 * MINUTE),
        renewable: true,
        profiles: ['stage-admin'],
      },
      {
        ...base,
        id: id(1),
        name: 'customer-north',
        settings: sso('north-harbour.awsapps.com'),
        state: 'expired',
        signedInAt: at(-2 * DAY),
        expiresAt: at(-DAY),
        failure: {
          at: at(-DAY),
          code: 'SignInRequired',
          message:
            'The Identity Center has ended the login of customer-north. Sign in again: keyhold login customer-north',
        },
      },
      { ...base, id: id(2), name: 'sandbox', settings: sso('d-90670b11ee.awsapps.com'), state: 'none' },
    ],
    accounts: TEAMS.flatMap((team, index) =>
      ['dev', 'prod'].map(
        (stage, second): SsoAccount => ({
          accountId: String(481_520_937_264 + index * 7_919 + second * 104_729),
          accountName: `${team}-${stage}`,
          email: `aws+${team}-${stage}@example.com`,
          ...(index === 0 && second === 1 ? { account: 'analytics' } : {}),
          roles: ROLES.filter((_role, at) => (at + index + second) % 3 !== 0).map((roleName) => ({
            roleName,
            profiles: index === 0 && roleName === 'ReadOnlyAccess' ? [`${team}-${stage}-ro`] : [],
          })),
        }),
      ),
    ),
  };
}

const VERIFICATION = 'https://device.sso.eu-central-1.example/';

type Params = Record<string, unknown>;

export function fakeSignInHandlers(fake: FakeSignIns, changed: () => void) {
  const named = ({ name }: Params): SignIn => {
    const found = fake.list.find((one) => one.name === name);
    if (found === undefined) throw new KeyholdError('NotFound', `There is no sign-in ${String(name)}.`);
    return found;
  };
  const put = (next: SignIn): SignIn => {
    fake.list = fake.list.map((one) => (one.id === next.id ? next : one));
    changed();
    return next;
  };
  return {
    'signIn.list': () => ({ signIns: fake.list }),
    'signIn.begin': (params: Params): SignInAttempt => {
      const { failure: _failure, ...signIn } = named(params);
      const device = params['flow'] === 'device';
      const { settings } = signIn;
      const attempt: SignInAttempt = {
        id: id(80),
        name: signIn.name,
        type: settings.type,
        flow: device ? 'device' : 'browser',
        url: settings.type === 'saml' ? settings.startUrl : `${VERIFICATION}?user_code=WXKP-TQRB`,
        ...(device && settings.type === 'sso' ? { userCode: 'WXKP-TQRB', verificationUrl: VERIFICATION } : {}),
        expiresAt: new Date(Date.now() + 10 * MINUTE).toISOString(),
      };
      put({ ...signIn, state: 'pending', attempt });
      return attempt;
    },
    'signIn.cancel': ({ id: wanted }: Params) => {
      const found = fake.list.find((one) => one.attempt?.id === wanted);
      if (found === undefined) return { cancelled: false };
      const { attempt: _attempt, ...signIn } = found;
      put({ ...signIn, state: signIn.signedInAt === undefined ? 'none' : 'active' });
      return { cancelled: true };
    },
    'signIn.logout': (params: Params) => {
      const { who: _who, expiresAt: _end, signedInAt: _at, ...signIn } = named(params);
      put({ ...signIn, state: 'none', renewable: false });
      return { loggedOut: true };
    },
    'saml.roles': (params: Params): SamlRoles => {
      const { name, who, signedInAt } = named(params);
      if (signedInAt === undefined) return { name, roles: [] };
      const offered = fake.accounts.slice(0, 6).flatMap(({ accountId, account, roles }) =>
        roles.map(({ roleName }) => ({
          roleArn: `arn:aws:iam::${accountId}:role/${roleName}`,
          principalArn: `arn:aws:iam::${accountId}:saml-provider/corp`,
          accountId,
          roleName,
          ...(account === undefined ? {} : { account }),
        })),
      );
      return {
        name,
        ...(who === undefined ? {} : { who }),
        signedInAt,
        usableUntil: new Date(Date.parse(signedInAt) + 5 * MINUTE).toISOString(),
        roles: offered,
      };
    },
    'sso.accounts': () => {
      const roles = fake.accounts.flatMap((account) => account.roles);
      const missing = roles.filter(({ profiles }) => profiles.length === 0);
      return { accounts: fake.accounts, roles: roles.length, missing: missing.length };
    },
  };
}
