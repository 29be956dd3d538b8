import { createAwsIam, createAwsRevoke, createAwsSts, createUpstreamAgents } from '../../src/aws/index.ts';
import type { Credential } from '../../src/contract/credentials.ts';
import type { PanicReport, PanicStep } from '../../src/contract/panic.ts';
import type { Ports } from '../../src/core/ports.ts';
import type { IamSigner } from '../../src/core/rotation/aws-iam.ts';
import type { Programs } from '../../src/core/sessions/programs.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type StrictAws, startStrictAws } from './strict-aws/start-strict-aws.ts';
import type { StrictCredential, StrictKey } from './strict-aws/state.ts';

const ACCOUNT = '123456789012';
export interface PanicLab {
  core: TestCore;
  clock: FakeClock;
  aws: StrictAws;
  /** A user with a key that is in the vault, with a profile that works with it. */
  admit(
    name: string,
    options?: { allow?: string[]; deny?: string[]; mfa?: boolean; account?: string },
  ): Promise<StrictKey>;
  /** A role of the account, and a profile that assumes it. */
  addRole(name: string, key: string, account?: string): Promise<string>;
  /** For CodeCommit, as `NAME git`: made with the key NAME. */
  addPassword(name: string): Promise<StrictCredential>;
  /** The same as `NAME ssh`. Takes its seconds: RSA with 4,096 bits. */
  addSshKey(name: string): Promise<StrictCredential>;
  /** Has the profile get its session. */
  use(profile: string): Promise<void>;
  start(more?: { keys?: 'all' | string[]; keepUnlocked?: boolean; now?: boolean }): Promise<PanicReport>;
  /** Before and after each call of AWS's, and each transaction: throwing stands for kill -9. */
  onPoint: ((what: string) => void) | null;
  close(): Promise<void>;
}

/** `deactivate AKIA… done` */
export const inWords = ({ act, target, state }: PanicStep): string =>
  `${act} ${target.slice(target.lastIndexOf('/') + 1)} ${state}`;

/** A vault with users and roles of a strict STS and IAM. Short waits are over at once. */
export async function openPanicLab({ programs }: { programs?: Programs } = {}): Promise<PanicLab> {
  const clock = createFakeClock();
  const aws = await startStrictAws({ now: clock.now, account: ACCOUNT });
  const agents = createUpstreamAgents();
  // Whether an answer comes is a matter of real time.
  const callClock: Ports['clock'] = { ...clock, setTimer: systemClock.setTimer };
  const remote = { clock: callClock, agents, onDate: () => undefined };
  const coreClock: Ports['clock'] = {
    ...clock,
    setTimer(milliseconds, run) {
      if (milliseconds > 2000) return clock.setTimer(milliseconds, run);
      const due = setImmediate(run);
      return { cancel: () => clearImmediate(due) };
    },
  };
  const point = (what: string): void => lab.onPoint?.(what);
  const mortal =
    <A extends unknown[], R>(name: string, run: (signer: IamSigner, ...rest: A) => Promise<R>) =>
    async (signer: IamSigner, ...rest: A): Promise<R> => {
      point(`before ${name}`);
      const answer = await run(signer, ...rest);
      point(`after ${name}`);
      return answer;
    };
  const iam = createAwsIam(remote);
  const revoke = createAwsRevoke(remote);
  const core = startTestCore({
    clock: coreClock,
    ...(programs === undefined ? {} : { programs }),
    awsSts: createAwsSts(remote),
    awsIam: {
      ...iam,
      whoAmI: mortal('whoAmI', iam.whoAmI),
      listAccessKeys: mortal('listAccessKeys', iam.listAccessKeys),
      setActive: mortal('setActive', iam.setActive),
      listCredentials: mortal('listCredentials', iam.listCredentials),
      setCredentialActive: mortal('setCredentialActive', iam.setCredentialActive),
      listSshKeys: mortal('listSshKeys', iam.listSshKeys),
      setSshKeyActive: mortal('setSshKeyActive', iam.setSshKeyActive),
    },
    awsRevoke: {
      putPolicy: mortal('putPolicy', revoke.putPolicy),
      deletePolicy: mortal('deletePolicy', revoke.deletePolicy),
    },
  });
  await core.create();
  const { call, callSealed } = core.client;
  await call('settings.update', { autoLockMinutes: 0 });
  await call('account.add', { name: 'hub', accountId: ACCOUNT, kind: 'remote', endpointUrl: aws.url });
  const credentialAt = ({ credentialId = '' }: Credential): StrictCredential => {
    const found = aws.credentials.get(credentialId);
    if (found === undefined) throw new Error('IAM knows nothing of it');
    return found;
  };
  const lab: PanicLab = {
    core,
    clock,
    aws,
    onPoint: null,
    async admit(name, { mfa = false, account = 'hub', ...options } = {}) {
      if (!aws.users.has(name)) aws.addUser(name, { mfa, ...options });
      const key = aws.addKey(name);
      await core.importKey({ name, account, accessKeyId: key.accessKeyId }, key.secretAccessKey);
      const device = mfa ? aws.addDevice(name) : undefined;
      if (device !== undefined) {
        await callSealed('totp.add', async (seal) => ({
          name: `${name} mfa`,
          mfaSerial: device.serialNumber,
          seed: await seal('otp-seed', Uint8Array.from(device.seed)),
        }));
      }
      await call('profile.add', { name, account, key: name, region: 'eu-central-1' });
      return key;
    },
    async addRole(name, key, account = 'hub') {
      const { accounts } = await call('account.list', {});
      const accountId = accounts.find((one) => one.name === account)?.accountId ?? ACCOUNT;
      const role = aws.addRole(name, { account: accountId, principals: ['*'] });
      await call('profile.add', { name, account, key, region: 'eu-central-1', role: { arn: role.arn } });
      return role.arn;
    },
    async addPassword(name) {
      const service = 'codecommit.amazonaws.com';
      return credentialAt(await call('credential.add', { type: 'service', name: `${name} git`, key: name, service }));
    },
    async addSshKey(name) {
      return credentialAt(await call('credential.add', { type: 'sshKey', name: `${name} ssh`, key: name }));
    },
    async use(profile) {
      const session = core.running.core.session();
      const things = await session.need('profile', 'account', 'accessKey', 'awsSession');
      await session.broker.credentials(things.byName('profile', profile).id);
    },
    start: (more = {}) => call('panic.start', more),
    async close() {
      lab.onPoint = null;
      await core.dispose();
      agents.destroy();
      await aws.close();
    },
  };
  return lab;
}
