import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createUpstreamAgents } from '../../../src/aws/forward/agents.ts';
import { startDoor } from '../../../src/aws/index.ts';
import { kms } from '../../../src/aws/kms/index.ts';
import { callService } from '../../../src/aws/local/call-service.ts';
import { createReplyKey } from '../../../src/client/seal.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';
import type { Params } from '../../../src/contract/methods.ts';
import type { TouchAnswer, TouchRequest } from '../../../src/core/gates/touch-source.ts';
import { createRequestSigner } from '../../../src/core/sigv4/index.ts';
import { type Issued, startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { enrolSoftKey, type Finger, finger } from '../../support/gate-keys.ts';
import { PASSWORD } from '../../support/hsm.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { type SoftSecurityKey, softSecurityKey } from '../../support/soft-security-key.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const SEQUENCES = FULL ? 1000 : 20;
const LONGEST = FULL ? 40 : 15;
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const utf8 = new TextEncoder();
const REGION = 'eu-central-1';

/** What has a gate: an access key, a profile of another one, a client of a third profile, and a KMS key. */
const GATED = [
  { kind: 'key', name: 'deploy' },
  { kind: 'profile', name: 'walled' },
  { kind: 'client', name: 'gated tool' },
] as const satisfies Params<'gate.set'>['target'][];

let core: TestCore;
let clock: FakeClock;
let upstream: Upstream;
let door: Awaited<ReturnType<typeof startDoor>>;
let agents: ReturnType<typeof createUpstreamAgents>;
let blue: SoftSecurityKey;
let hand: Finger;
const clients: Record<string, Issued> = {};
let kmsKey = '';
let ciphertext = '';
/** Answers that the key has given in good times. */
const recorded: TouchAnswer[] = [];

const call: TestCore['client']['call'] = (method, params) => core.client.call(method, params);
const encrypt = (operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> =>
  core.running.doorBackend.onBehalfOf({ what: () => 'let a test use it', touches: [] }, async () => {
    const session = core.running.core.session();
    const account = (await session.need('account')).byName('account', 'lab');
    return callService(
      { account, region: REGION, service: 'kms', operation, input, session, actor: 'cli', onTarget: () => undefined },
      { clock, log: silentLogger, agents },
      { kms: async () => kms },
    );
  });

async function request(client: string): Promise<number> {
  const key = clients[client];
  if (key === undefined) throw new Error(`no client ${client}`);
  const { accessKeyId, secret: secretAccessKey } = key;
  const payloadHash = 'UNSIGNED-PAYLOAD';
  const headers = createRequestSigner({ accessKeyId, secretAccessKey, region: REGION, service: 's3' }).sign(
    { method: 'GET', path: '/', query: '', headers: [['Host', `127.0.0.1:${door.port}`]] },
    { now: clock.now(), payloadHash },
  );
  // Not fetch, which says that a page may have sent it.
  return new Promise((resolve, reject) => {
    const sent = get(
      { host: '127.0.0.1', port: door.port, path: '/', headers: Object.fromEntries(headers), agent: false },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
  });
}

const signFor = (profile: string) =>
  call('sign.headers', {
    profile,
    method: 'GET',
    url: 'https://s3.eu-central-1.amazonaws.com/',
    headers: [],
    payloadHash: 'UNSIGNED-PAYLOAD',
  });

beforeAll(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  await core.create();
  await call('settings.update', { autoLockMinutes: 0 });
  const keys = ['AKIADEPLOYDEPLOYDEPL', 'AKIAFREEFREEFREEFREE'].map((accessKeyId) => ({
    accessKeyId,
    secretAccessKey: SECRET,
  }));
  upstream = await startUpstream({ keys, now: () => clock.now() });
  door = await startDoor({ backend: core.running.doorBackend, clock, log: silentLogger, port: 0 });
  agents = createUpstreamAgents();
  await call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote', endpointUrl: upstream.url });
  await call('account.add', { name: 'lab', accountId: '210987654321', kind: 'local', region: REGION });
  await core.importKey({ name: 'deploy', account: 'prod', accessKeyId: 'AKIADEPLOYDEPLOYDEPL' }, SECRET);
  await core.importKey({ name: 'free', account: 'prod', accessKeyId: 'AKIAFREEFREEFREEFREE' }, SECRET);
  await call('profile.add', { name: 'prod', account: 'prod', key: 'deploy', region: REGION });
  await call('profile.add', { name: 'walled', account: 'prod', key: 'free', region: REGION });
  await call('profile.add', { name: 'open', account: 'prod', key: 'free', region: REGION });
  for (const [name, profile] of [
    ['prod tool', 'prod'],
    ['walled tool', 'walled'],
    ['gated tool', 'open'],
    ['open tool', 'open'],
  ] as const) {
    clients[name] = await core.addClient({ name, profile });
  }
  blue = await enrolSoftKey(core, 'blue');
  hand = finger([blue]);
  core.running.core.touch.use({
    async getAssertion(asked, signal) {
      const answer = await hand.source.getAssertion(asked, signal);
      recorded.push(answer);
      return answer;
    },
  });
  const made = await encrypt('CreateKey', {});
  kmsKey = String((made['KeyMetadata'] as { KeyId?: unknown }).KeyId);
  ciphertext = String((await encrypt('Encrypt', { KeyId: kmsKey, Plaintext: 'AQID' }))['CiphertextBlob']);
  for (const target of GATED) await call('gate.set', { target, withinSeconds: 60, keys: 'any' });
  await call('gate.set', { target: { kind: 'kms-key', name: kmsKey }, withinSeconds: 0, keys: ['blue'] });
  // Each is used once with the key, so that the test is known to be able to find a way in.
  expect(await request('gated tool')).toBe(200);
  expect(await request('prod tool')).toBe(200);
  expect(await request('walled tool')).toBe(200);
  await signFor('prod');
  await signFor('walled');
  await encrypt('Decrypt', { CiphertextBlob: ciphertext });
  expect(recorded.length).toBeGreaterThanOrEqual(4);
  clock.advance(120_000);
}, 120_000);

afterAll(async () => {
  await door.close();
  await upstream.close();
  agents.destroy();
  await core.dispose();
});

/** What somebody with the password and no security key of the owner's can answer to a question for one. */
const mine = softSecurityKey();
const answers = fc.constantFrom('mine', 'mine as blue', 'old', 'noise', 'none');
async function answer(how: string, asked: TouchRequest): Promise<TouchAnswer> {
  const credentialId = asked.credentials[0]?.credentialId ?? new Uint8Array(16);
  switch (how) {
    case 'mine':
      return mine.touch(asked.clientDataHash);
    case 'mine as blue':
      return { ...mine.touch(asked.clientDataHash), credentialId };
    case 'old': {
      const old = recorded[Math.floor(Math.random() * recorded.length)];
      if (old !== undefined) return { ...old, credentialId };
      break;
    }
    case 'noise':
      return { credentialId, authenticatorData: new Uint8Array(randomBytes(37)), signature: new Uint8Array(70) };
  }
  throw new KeyholdError('TouchTimeout', 'There is no key.');
}

interface Act {
  name: string;
  /** True when it let something be used that wants a touch. */
  run(): Promise<boolean>;
}

const tried = (name: string, work: () => Promise<unknown>): Act => ({
  name,
  run: () => work().then(() => true, isRefusal),
});
/** Done for what may follow from it; whether it succeeds says nothing. */
const aside = (name: string, work: () => Promise<unknown>): Act => ({
  name,
  run: () => work().then(() => false, isRefusal),
});
function isRefusal(error: unknown): false {
  if (error instanceof KeyholdError && error.code !== 'Internal') return false;
  throw error;
}
const throughDoor = (client: string): Act => ({
  name: `a request of ${client}`,
  run: async () => (await request(client)) < 300,
});
const owner = async (): Promise<{ factor: 'password'; sealed: Params<'vault.changePassword'>['current'] }> => {
  const { seal } = await import('../../../src/client/seal.ts');
  const sealed = await seal(await call('hsm.sealKey', {}), 'password', utf8.encode(PASSWORD));
  return { factor: 'password', sealed };
};

const targets = fc.constantFrom(...GATED, { kind: 'kms-key', name: '' } as const);
const target = (chosen: Params<'gate.set'>['target']): Params<'gate.set'>['target'] =>
  chosen.kind === 'kms-key' ? { kind: 'kms-key', name: kmsKey } : chosen;

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('gated tool', 'prod tool', 'walled tool').map(throughDoor) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('prod', 'walled')
      .map((profile) => tried(`sign.headers for ${profile}`, () => signFor(profile))),
  },
  fc
    .constantFrom('prod', 'walled')
    .map((profile) =>
      tried(`sign.presign for ${profile}`, () =>
        call('sign.presign', { profile, method: 'GET', bucket: 'bucket', key: 'key', expiresInSeconds: 60 }),
      ),
    ),
  {
    weight: 3,
    arbitrary: fc
      .constantFrom<[string, () => Record<string, unknown>]>(
        ['Decrypt', () => ({ CiphertextBlob: ciphertext })],
        ['Encrypt', () => ({ KeyId: kmsKey, Plaintext: 'AQID' })],
        ['GenerateDataKey', () => ({ KeyId: kmsKey, KeySpec: 'AES_256' })],
        ['GenerateDataKeyPairWithoutPlaintext', () => ({ KeyId: kmsKey, KeyPairSpec: 'ECC_NIST_P256' })],
        ['ReEncrypt', () => ({ CiphertextBlob: ciphertext, DestinationKeyId: kmsKey })],
      )
      .map(([operation, input]) => tried(`kms ${operation}`, () => encrypt(operation, input()))),
  },
  targets.map((chosen) => tried(`gate.remove ${chosen.kind}`, () => call('gate.remove', { target: target(chosen) }))),
  fc
    .tuple(targets, fc.integer({ min: 61, max: 86_400 }), fc.constantFrom('any' as const, ['blue'], ['mine']))
    .map(([chosen, withinSeconds, keys]) =>
      tried(`gate.set ${chosen.kind} ${withinSeconds}`, () =>
        call('gate.set', { target: target(chosen), withinSeconds, keys }),
      ),
    ),
  targets.map((chosen) =>
    aside(`tighter gate.set ${chosen.kind}`, () =>
      call('gate.set', { target: target(chosen), withinSeconds: 30, keys: ['blue'] }),
    ),
  ),
  fc.constant(
    tried('slot.addRecoveryCode', async () => {
      const { publicKey } = await createReplyKey();
      return call('slot.addRecoveryCode', { label: 'x', replyKey: publicKey, authorize: await owner() });
    }),
  ),
  fc.constant(tried('enrolling a key of mine', () => enrolSoftKey(core, `mine ${randomBytes(4).toString('hex')}`))),
  fc.constant(tried('mfa.removeKey', async () => call('mfa.removeKey', { name: 'blue', authorize: await owner() }))),
  fc.constant(
    tried('account.export', async () => {
      const { seal } = await import('../../../src/client/seal.ts');
      const passphrase = await seal(await call('hsm.sealKey', {}), 'passphrase', utf8.encode('a long passphrase'));
      return call('account.export', {
        name: 'lab',
        path: join(core.home, `${randomBytes(4).toString('hex')}.khaccount`),
        passphrase,
        authorize: await owner(),
      });
    }),
  ),
  fc.constant(aside('kms RotateKeyOnDemand', () => encrypt('RotateKeyOnDemand', { KeyId: kmsKey }))),
  fc
    .constantFrom('free', 'deploy')
    .map((key) => aside('profile.update', () => call('profile.update', { name: 'walled', key }))),
  fc.boolean().map((enabled) => aside('client.update', () => call('client.update', { name: 'gated tool', enabled }))),
  fc
    .constantFrom('active' as const, 'disabled' as const)
    .map((status) => aside('key.update', () => call('key.update', { name: 'deploy', status }))),
  fc.constant(
    aside('a new client of the gated profile', async () => {
      const name = `new ${randomBytes(4).toString('hex')}`;
      clients['walled tool'] = await core.addClient({ name, profile: 'walled' });
    }),
  ),
  fc.constant(
    aside('client.issue', async () => {
      clients['prod tool'] = await core.issue({ profile: 'prod', purpose: 'env' });
    }),
  ),
  fc.constant(
    aside('a lock', async () => {
      await call('vault.lock', {});
      await core.unlock();
    }),
  ),
  fc.integer({ min: 1, max: 100_000 }).map((milliseconds) => aside('time', async () => clock.advance(milliseconds))),
);

test(
  `no sequence of calls and requests uses what wants a touch without the key (${SEQUENCES} sequences)`,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(acts, answers), { minLength: 1, maxLength: LONGEST }), async (sequence) => {
        for (const [act, how] of sequence) {
          core.running.core.touch.use({ getAssertion: (asked) => answer(how, asked) });
          expect([act.name, await act.run()]).toEqual([act.name, false]);
        }
      }),
      { numRuns: SEQUENCES, ...(FULL ? {} : { seed: 31 }), endOnFailure: true },
    );
    // Not because nothing works any more: without a gate it does, and with the key.
    await call('client.update', { name: 'gated tool', enabled: true });
    await call('key.update', { name: 'deploy', status: 'active' });
    clock.advance(120_000);
    expect(await request('open tool')).toBe(200);
    core.running.core.touch.use(hand.source);
    expect(await request('gated tool')).toBe(200);
    await encrypt('Decrypt', { CiphertextBlob: ciphertext });
    await signFor('prod');
  },
  FULL ? 3_600_000 : 240_000,
);
