import { createAwsIam, createUpstreamAgents } from '../../src/aws/index.ts';
import type { Params } from '../../src/contract/methods.ts';
import type { Rotation } from '../../src/contract/rotation.ts';
import type { Ports } from '../../src/core/ports.ts';
import type { AwsIam } from '../../src/core/rotation/aws-iam.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type StrictAws, startStrictAws } from './strict-aws/start-strict-aws.ts';
import type { StrictKey } from './strict-aws/state.ts';

const ACCOUNT = '123456789012';
/** Waits of a rotation are shorter; what the core does now and then is not. */
const SHORT_MS = 60_000;
const MOST_AT_ONCE_MS = 1500;
/** Stands for 20 s without an answer. */
const GIVE_UP_MS = 700;

export interface Patient {
  aws: StrictAws;
  /** Its name in the vault, and its user’s. */
  name: string;
  first: StrictKey;
}

export interface RotationLab {
  core: TestCore;
  clock: FakeClock;
  /** What the core asks AWS with; may be wrapped. */
  iam: { present: AwsIam };
  /** A user with one key, which is in the vault with a profile. All of one server share it, and its faults. */
  admit(name: string, options?: { aws?: StrictAws; mfa?: boolean }): Promise<Patient>;
  server(): Promise<StrictAws>;
  /** Puts a key that is there into the vault, with a profile. */
  adopt(name: string, aws: StrictAws, key: StrictKey): Promise<Patient>;
  start(name: string, more?: Partial<Params<'rotation.start'>>): Promise<Rotation>;
  get(name: string): Promise<Rotation>;
  /** Until it runs no more. */
  settled(name: string): Promise<Rotation>;
  /** Lets time pass, and what is due then run. */
  pass(milliseconds: number): Promise<void>;
  keysOf(patient: Patient): StrictKey[];
  /** Throws unless the key in the vault works for its user, and tells what else is there. */
  /** With `leavesTrace`, AWS counts that as a use. */
  check(patient: Patient, leavesTrace?: boolean): Promise<{ present: string; surplus: string[] }>;
  close(): Promise<void>;
}

/** Once it is in a hurry, short waits are over at once, and the clock moves on a little with each. */
function hasty(clock: FakeClock, isShort: (milliseconds: number) => boolean): Ports['clock'] {
  return {
    ...clock,
    setTimer(milliseconds, run) {
      if (!isShort(milliseconds)) return clock.setTimer(milliseconds, run);
      const due = setImmediate(() => {
        clock.advance(Math.min(milliseconds, MOST_AT_ONCE_MS));
        run();
      });
      return { cancel: () => clearImmediate(due) };
    },
  };
}

/** A whole core with rotations over a strict STS and IAM. Auto-lock is off: time goes fast here. */
export async function openRotationLab({
  clock = createFakeClock(),
  shortMs = SHORT_MS,
  timeZone = 'UTC',
  giveUpMs = GIVE_UP_MS,
} = {}): Promise<RotationLab> {
  let hurry = false;
  const agents = createUpstreamAgents();
  const patientClock: Ports['clock'] = {
    ...clock,
    setTimer(milliseconds, run) {
      const timer = setTimeout(run, Math.min(milliseconds, giveUpMs));
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const real = createAwsIam({ clock: patientClock, agents, onDate: () => undefined });
  const iam = { present: real };
  const through: AwsIam = {
    whoAmI: (...args) => iam.present.whoAmI(...args),
    listAccessKeys: (...args) => iam.present.listAccessKeys(...args),
    lastUsed: (...args) => iam.present.lastUsed(...args),
    simulate: (...args) => iam.present.simulate(...args),
    createAccessKey: (...args) => iam.present.createAccessKey(...args),
    setActive: (...args) => iam.present.setActive(...args),
    deleteAccessKey: (...args) => iam.present.deleteAccessKey(...args),
    sessionWithMfa: (...args) => iam.present.sessionWithMfa(...args),
    listCredentials: (...args) => iam.present.listCredentials(...args),
    listAllCredentials: (...args) => iam.present.listAllCredentials(...args),
    createCredential: (...args) => iam.present.createCredential(...args),
    resetCredential: (...args) => iam.present.resetCredential(...args),
    setCredentialActive: (...args) => iam.present.setCredentialActive(...args),
    deleteCredential: (...args) => iam.present.deleteCredential(...args),
    listSshKeys: (...args) => iam.present.listSshKeys(...args),
    sshKeyBody: (...args) => iam.present.sshKeyBody(...args),
    uploadSshKey: (...args) => iam.present.uploadSshKey(...args),
    setSshKeyActive: (...args) => iam.present.setSshKeyActive(...args),
    deleteSshKey: (...args) => iam.present.deleteSshKey(...args),
  };
  const core = startTestCore({
    clock: hasty(clock, (milliseconds) => hurry && milliseconds < shortMs),
    awsIam: through,
    timeZone,
  });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  hurry = true;
  const servers: StrictAws[] = [];
  const call = core.client.call.bind(core.client);
  const rotations = () => core.running.core.rotations;
  const lab: RotationLab = {
    core,
    clock,
    iam,
    async server() {
      const aws = await startStrictAws({ now: clock.now, account: ACCOUNT });
      servers.push(aws);
      return aws;
    },
    async admit(name, { aws: given, mfa = false } = {}) {
      const aws = given ?? (await lab.server());
      aws.addUser(name, { mfa });
      const patient = await lab.adopt(name, aws, aws.addKey(name));
      if (mfa) {
        const device = aws.addDevice(name);
        await core.client.callSealed('totp.add', async (seal) => ({
          name: `${name} mfa`,
          mfaSerial: device.serialNumber,
          seed: await seal('otp-seed', Uint8Array.from(device.seed)),
        }));
      }
      return patient;
    },
    async adopt(name, aws, first) {
      const accounts = (await call('account.list', {})).accounts;
      const known = accounts.find(({ endpointUrl }) => endpointUrl === aws.url);
      const account =
        known ??
        (await call('account.add', {
          name: `at ${aws.port}`,
          accountId: ACCOUNT,
          kind: 'remote',
          endpointUrl: aws.url,
        }));
      const { accessKeyId, secretAccessKey } = first;
      await core.importKey({ name, account: account.name, accessKeyId }, secretAccessKey);
      await call('profile.add', { name, account: account.name, key: name, region: 'eu-central-1' });
      return { aws, name, first };
    },
    start: (name, more = {}) => call('rotation.start', { key: name, quarantineSeconds: 0, ...more }),
    get: (name) => call('rotation.get', { key: name }),
    async settled(name) {
      const { id } = await lab.get(name);
      await rotations().settled(core.running.core.session(), id);
      return lab.get(name);
    },
    async pass(milliseconds) {
      clock.advance(milliseconds);
      await rotations().wake();
    },
    keysOf: ({ aws, name }) => [...aws.keys.values()].filter((key) => key.userName === name && !key.deleted),
    async check(patient, leavesTrace = false) {
      const session = core.running.core.session();
      const things = await session.need('accessKey', 'account');
      const { value } = things.byName('accessKey', patient.name);
      const account = things.must('account', value.account);
      const upstream = patient.aws.keys.get(value.accessKeyId);
      if (upstream?.deleted !== false || upstream.status !== 'Active') {
        throw new Error(`the vault's key of ${patient.name} is ${upstream?.status ?? 'gone'} upstream`);
      }
      const secret = session.objectRef(value.secret.id);
      const before = upstream.lastUsed;
      const who = await real.whoAmI({
        session,
        account,
        region: 'eu-central-1',
        accessKeyId: value.accessKeyId,
        secret,
      });
      if (!leavesTrace) upstream.lastUsed = before;
      if (!who.arn.endsWith(`/${patient.name}`)) throw new Error(`the vault's key is ${who.arn}`);
      const surplus = lab.keysOf(patient).filter(({ accessKeyId }) => accessKeyId !== value.accessKeyId);
      return { present: value.accessKeyId, surplus: surplus.map(({ accessKeyId }) => accessKeyId) };
    },
    async close() {
      await core.dispose();
      agents.destroy();
      await Promise.all(servers.map((aws) => aws.close()));
    },
  };
  return lab;
}
