import { randomBytes } from 'node:crypto';
import { createAwsSso, createAwsSts, createUpstreamAgents } from '../../src/aws/index.ts';
import type { Result } from '../../src/contract/methods.ts';
import type { SignIn, SignInAttempt } from '../../src/contract/sign-ins.ts';
import { openRedirect } from '../../src/daemon/redirect-listener.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type SsoStandIn, startSso } from './sso-stand-in/start-sso.ts';
import type { IssuedCredentials } from './sso-stand-in/state.ts';
import { type StrictAws, startStrictAws } from './strict-aws/start-strict-aws.ts';

export interface SsoLab {
  core: TestCore;
  clock: FakeClock;
  sso: SsoStandIn;
  /** Whose STS takes what the portal gives. */
  aws: StrictAws;
  /** Everything as at the beginning, but for the time. */
  fresh(): Promise<void>;
  /** Signs in with the device flow, or does what `decision` says. */
  login(decision?: 'approved' | 'denied'): Promise<SignIn>;
  begin(flow: 'browser' | 'device'): Promise<SignInAttempt>;
  signIn(): Promise<SignIn>;
  /** Accounts of the strict AWS, and profiles of all roles. */
  addProfiles(): Promise<Result<'sso.addProfiles'>>;
  /** Who a profile is to AWS. */
  whoIs(profile: string): Promise<string>;
  /** Moves the clock on in steps, until it has happened. */
  until<T>(what: string, work: Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** A vault with a sign-in called `corp` to an Identity Center in this process, both by one clock that only the test moves. */
export async function startSsoLab(): Promise<SsoLab> {
  const clock = createFakeClock();
  const sso = await startSso({ now: clock.now });
  const aws = await startStrictAws({ now: clock.now });
  sso.issue = (accountId, roleName) => addRoleSession(aws, accountId, roleName, clock.now() + sso.lives.role * 1000);
  const agents = createUpstreamAgents();
  const parts = { clock, agents, onDate: () => undefined };
  const sts = createAwsSts(parts);
  const core = startTestCore({ clock, awsSts: sts, signIns: { sso: createAwsSso(parts), openRedirect } });
  await core.create();
  // A day of the test is no day without a person.
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  const lab: SsoLab = {
    core,
    clock,
    sso,
    aws,
    async fresh() {
      const { client } = core;
      const { signIns } = await client.call('signIn.list', {});
      for (const { name } of signIns) await client.call('signIn.remove', { name, cascade: true });
      const { accounts } = await client.call('account.list', {});
      for (const { name } of accounts) await client.call('account.remove', { name, cascade: true });
      sso.reset();
      await client.call('signIn.add', {
        name: 'corp',
        settings: { type: 'sso', startUrl: sso.startUrl, region: 'eu-central-1', endpointUrl: sso.url },
      });
      core.events.length = 0;
    },
    async login(decision = 'approved') {
      const attempt = await lab.begin('device');
      sso.decide(attempt.userCode ?? '', decision);
      return lab.until('the sign-in', core.client.call('signIn.finish', { id: attempt.id }));
    },
    begin: (flow) => core.client.call('signIn.begin', { name: 'corp', flow }),
    async signIn() {
      const { signIns } = await core.client.call('signIn.list', {});
      const found = signIns.find(({ name }) => name === 'corp');
      if (found === undefined) throw new Error('there is no sign-in called corp');
      return found;
    },
    async addProfiles() {
      for (const { accountId, accountName: name } of sso.accounts) {
        await core.client.call('account.add', { name, accountId, kind: 'remote', endpointUrl: aws.url });
      }
      const choices = sso.accounts.flatMap(({ accountId, accountName: account, roles }) =>
        roles.map((roleName) => ({ accountId, account, roleName })),
      );
      return core.client.call('sso.addProfiles', { name: 'corp', choices, region: 'eu-central-1' });
    },
    async whoIs(name) {
      const session = core.running.core.session();
      const things = await session.need('profile', 'account', 'accessKey', 'awsSession');
      return (await sts.callerIdentity({ session, profile: things.byName('profile', name) })).arn;
    },
    async until(what, work) {
      let ended = false;
      const end = (): void => {
        ended = true;
      };
      work.then(end, end);
      for (let step = 0; step < 300; step++) {
        for (let turn = 0; turn < 20 && !ended; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (!ended) await new Promise((resolve) => setTimeout(resolve, 1));
        if (ended) return work;
        if (step % 5 === 4) clock.advance(1000);
      }
      throw new Error(`${what} did not come about within 300 steps of the clock`);
    },
    async dispose() {
      await core.dispose();
      agents.destroy();
      await sso.close();
      await aws.close();
    },
  };
  return lab;
}

/** As the Identity Center assumes a role of an account in the person's name. */
export function addRoleSession(
  aws: StrictAws,
  accountId: string,
  roleName: string,
  expiresAt: number,
): IssuedCredentials {
  const name = `AWSReservedSSO_${roleName}`;
  const role = aws.addRole(name, { account: accountId, principals: ['*'] });
  const session = {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(300).toString('base64'),
    issuedAt: aws.now(),
    expiresAt,
    mfaAt: undefined,
    userName: undefined,
    role: { role, sessionName: 'ada', arn: `arn:aws:sts::${accountId}:assumed-role/${name}/ada` },
    policies: [],
    tags: new Map(),
    transitive: new Set<string>(),
    sourceIdentity: undefined,
    federated: undefined,
  };
  aws.sessions.set(session.accessKeyId, session);
  const { accessKeyId, secretAccessKey, sessionToken } = session;
  return { accessKeyId, secretAccessKey, sessionToken, expiration: expiresAt };
}
