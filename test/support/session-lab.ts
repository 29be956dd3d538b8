import { createAwsSts, createUpstreamAgents } from '../../src/aws/index.ts';
import type { Role } from '../../src/contract/roles.ts';
import type { AwsSession } from '../../src/contract/sessions.ts';
import type { AwsSts, StsCredentials } from '../../src/core/sessions/aws-sts.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type StrictAws, startStrictAws } from './strict-aws/start-strict-aws.ts';
import type { StrictDevice } from './strict-aws/totp.ts';

export const HUB = '111111111111';
export const PROD = '222222222222';
export const AUDIT = '333333333333';
export const ROLES = {
  hop: `arn:aws:iam::${HUB}:role/hop`,
  deploy: `arn:aws:iam::${PROD}:role/deploy`,
  read: `arn:aws:iam::${AUDIT}:role/read`,
};

export interface SessionLab {
  core: TestCore;
  clock: FakeClock;
  aws: StrictAws;
  device: StrictDevice;
  /** Everything secret that STS has answered, as text. */
  answered: string[];
  /** Buffers that were handed over. */
  handed: Uint8Array[];
  sts: AwsSts;
  addProfile(
    name: string,
    account: string,
    more: { key?: string; source?: string; role?: Role; mfaSerial?: string; sessionSeconds?: number },
  ): Promise<void>;
  /** Who a profile is to AWS, with credentials of the broker's. */
  whoIs(profile: string): Promise<string>;
  session(profile: string): Promise<AwsSession>;
  stsCalls(): string[];
  /** Moves the clock on in steps, with time for what is under way in between. */
  pass(milliseconds: number): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * A vault with a user's key, her MFA device and an STS that is as strict as AWS: role `hop` of her own account wants MFA, `deploy` of another one trusts only `hop`, and
 * `read` of a third one only `deploy`.
 */
export async function startSessionLab(): Promise<SessionLab> {
  const clock = createFakeClock();
  const aws = await startStrictAws({ now: clock.now, account: HUB });
  aws.addUser('alice');
  const key = aws.addKey('alice');
  const device = aws.addDevice('alice');
  aws.addRole('hop', { principals: [`arn:aws:iam::${HUB}:user/alice`], mfa: true, maxSessionSeconds: 43_200 });
  aws.addRole('deploy', { account: PROD, principals: [ROLES.hop], externalId: 'ext-1', maxSessionSeconds: 43_200 });
  aws.addRole('read', { account: AUDIT, principals: [ROLES.deploy], maxSessionSeconds: 43_200 });
  const agents = createUpstreamAgents();
  const real = createAwsSts({ clock, agents, onDate: () => undefined });
  const answered: string[] = [];
  const handed: Uint8Array[] = [];
  const note = async (answer: Promise<StsCredentials>): Promise<StsCredentials> => {
    const credentials = await answer;
    for (const bytes of [credentials.secret, credentials.token].filter((one) => one !== undefined)) {
      answered.push(Buffer.from(bytes).toString('utf8'));
      handed.push(bytes);
    }
    return credentials;
  };
  const sts: AwsSts = {
    assumeRole: (place, input) => note(real.assumeRole(place, input)),
    assumeRoleWithSaml: (place, input) => note(real.assumeRoleWithSaml(place, input)),
    assumeRoleWithWebIdentity: (place, input) => note(real.assumeRoleWithWebIdentity(place, input)),
    getSessionToken: (place, input) => note(real.getSessionToken(place, input)),
    callerIdentity: (place) => real.callerIdentity(place),
  };
  const core = startTestCore({ clock, awsSts: sts });
  await core.create();
  for (const [name, accountId] of [
    ['hub', HUB],
    ['prod', PROD],
    ['audit', AUDIT],
  ] as const) {
    await core.client.call('account.add', { name, accountId, kind: 'remote', endpointUrl: aws.url });
  }
  await core.importKey({ name: 'alice', account: 'hub', accessKeyId: key.accessKeyId }, key.secretAccessKey);
  await core.client.callSealed('totp.add', async (seal) => ({
    name: 'alice',
    type: 'totp',
    seed: await seal('otp-seed', Uint8Array.from(device.seed)),
    mfaSerial: device.serialNumber,
  }));
  const lab: SessionLab = {
    core,
    clock,
    aws,
    device,
    answered,
    handed,
    sts,
    async addProfile(name, account, more) {
      await core.client.call('profile.add', { name, account, region: 'eu-central-1', ...more });
    },
    async whoIs(name) {
      const session = core.running.core.session();
      const things = await session.need('profile', 'account', 'accessKey', 'awsSession');
      return (await sts.callerIdentity({ session, profile: things.byName('profile', name) })).arn;
    },
    async session(name) {
      const { sessions } = await core.client.call('session.list', {});
      const found = sessions.find(({ profile }) => profile === name);
      if (found === undefined) throw new Error(`there is no session of ${name}`);
      return found;
    },
    stsCalls: () => aws.calls.map(({ action }) => action).filter((action) => action !== 'GetCallerIdentity'),
    async pass(milliseconds) {
      const steps = 10;
      for (let step = 0; step < steps; step++) {
        clock.advance(milliseconds / steps);
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async dispose() {
      await core.dispose();
      agents.destroy();
      await aws.close();
    },
  };
  return lab;
}
