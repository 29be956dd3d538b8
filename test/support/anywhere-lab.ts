import { createRolesAnywhere, createUpstreamAgents } from '../../src/aws/index.ts';
import type { Certificate } from '../../src/contract/certificates.ts';
import type { Params } from '../../src/contract/methods.ts';
import type { RolesAnywhere } from '../../src/core/sessions/roles-anywhere.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type StrictAws, startStrictAws } from './strict-aws/start-strict-aws.ts';
import { createTestCa, type TestCa } from './test-ca.ts';

export const ACCOUNT = '222222222222';
const ARN = `arn:aws:rolesanywhere:eu-central-1:${ACCOUNT}`;
export const ANCHOR = `${ARN}:trust-anchor/1cb4e36e-e4ad-4bbb-9b37-fdafb2cbe4fe`;
export const ANYWHERE_PROFILE = `${ARN}:profile/6f4943fb-13d4-4242-89c4-be367595c380`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/build`;

export interface AnywhereLab {
  core: TestCore;
  clock: FakeClock;
  aws: StrictAws;
  ca: TestCa;
  anywhere: RolesAnywhere;
  /** Buffers that were handed over. */
  handed: Uint8Array[];
  certificate(name: string): Promise<Certificate>;
  /** Makes one and has it issued. */
  makeCertificate(name: string, options?: Partial<Params<'certificate.create'>>): Promise<Certificate>;
  addProfile(name: string, more?: Partial<Params<'profile.add'>>): Promise<void>;
  /** The access key id of the session that the profile works with. */
  credentials(profile: string): Promise<{ accessKeyId: string; arn?: string }>;
  dispose(): Promise<void>;
}

/** A vault, and an AWS with a trust anchor, a profile of Roles Anywhere and the role `build` in it. */
export async function startAnywhereLab(options: { home?: string } = {}): Promise<AnywhereLab> {
  const clock = createFakeClock();
  const aws = await startStrictAws({ now: clock.now, account: ACCOUNT });
  const ca = createTestCa(clock.now());
  aws.anywhere.anchors.set(ANCHOR, { pem: ca.certificate, enabled: true });
  aws.anywhere.profiles.set(ANYWHERE_PROFILE, {
    ...{ roleArns: [ROLE], acceptRoleSessionName: false, enabled: true, durationSeconds: 3600 },
  });
  aws.addRole('build', { principals: ['rolesanywhere.amazonaws.com'], maxSessionSeconds: 43_200 });
  const agents = createUpstreamAgents();
  const real = createRolesAnywhere({ clock, agents, onDate: () => undefined });
  const handed: Uint8Array[] = [];
  const anywhere: RolesAnywhere = {
    async createSession(question) {
      const answer = await real.createSession(question);
      handed.push(answer.secret, ...(answer.token === undefined ? [] : [answer.token]));
      return answer;
    },
  };
  const core = startTestCore({ clock, rolesAnywhere: anywhere, ...options });
  await core.create();
  // What is done now and then begins with an unlock.
  await core.client.call('vault.lock', {});
  await core.unlock();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', {
    ...{ name: 'prod', accountId: ACCOUNT, kind: 'remote', endpointUrl: aws.url },
  });
  const lab: AnywhereLab = {
    core,
    clock,
    aws,
    ca,
    anywhere,
    handed,
    async certificate(name) {
      const { certificates } = await core.client.call('certificate.list', {});
      const found = certificates.find((one) => one.name === name);
      if (found === undefined) throw new Error(`there is no certificate ${name}`);
      return found;
    },
    async makeCertificate(name, more = {}) {
      const { csr } = await core.client.call('certificate.create', { name, ...more });
      return core.client.call('certificate.install', { name, pem: ca.issue(csr) });
    },
    async addProfile(name, more = {}) {
      await core.client.call('profile.add', {
        name,
        account: 'prod',
        region: 'eu-central-1',
        role: { arn: ROLE },
        origin: { kind: 'rolesAnywhere', certificate: 'build', trustAnchorArn: ANCHOR, profileArn: ANYWHERE_PROFILE },
        ...more,
      });
    },
    async credentials(name) {
      const session = core.running.core.session();
      const things = await session.need('profile');
      const { accessKeyId, arn } = await session.broker.credentials(things.byName('profile', name).id);
      return { accessKeyId, ...(arn === undefined ? {} : { arn }) };
    },
    async dispose() {
      await core.dispose();
      agents.destroy();
      await aws.close();
    },
  };
  return lab;
}
