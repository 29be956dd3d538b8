import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/sigv4/index.ts';
import { startTestCore, type TestCore } from '../support/core.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { enrolSoftKey, type Finger, finger } from '../support/gate-keys.ts';
import { type Harness, startHarness } from './harness.ts';

/** The clients of a local account that are changed while their request is on its way. */

const BODY = Buffer.from(JSON.stringify({ NumberOfBytes: 16 }));

let clock: FakeClock;
let core: TestCore;
let harness: Harness;
let key: { accessKeyId: string; secretAccessKey: string };
/** Runs once, when the client has been looked up for the first time. */
let onLookup: (() => void) | undefined;
let lookups = 0;
let hand: Finger;
let name: string;
let clients = 0;

beforeAll(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', {
    ...{ name: 'lab', accountId: '123456789012', kind: 'local', region: 'eu-central-1' },
  });
  hand = finger([await enrolSoftKey(core, 'blue')]);
}, 60_000);
afterAll(() => core.dispose());

beforeEach(async () => {
  clients += 1;
  name = `tool ${clients}`;
  const issued = await core.addClient({ name, account: 'lab', expiresInSeconds: 3600 });
  key = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret };
  onLookup = undefined;
  const { doorBackend } = core.running;
  harness = await startHarness({
    clock,
    door: {
      backend: {
        ...doorBackend,
        async resolveClient(accessKeyId) {
          lookups += 1;
          const found = await doorBackend.resolveClient(accessKeyId);
          onLookup?.();
          onLookup = undefined;
          return found;
        },
      },
    },
  });
});

const request = (declareHash: boolean) => ({
  ...{ method: 'POST', service: 'kms', key, now: clock.now(), declareHash, payloadHash: sha256Hex(BODY) },
  headers: [
    ['Content-Type', 'application/x-amz-json-1.1'],
    ['X-Amz-Target', 'TrentService.GenerateRandom'],
  ] satisfies [string, string][],
});

/** Sends a request whose body is complete only after `change` has run. */
function askWhile(change: () => Promise<unknown>, declareHash: boolean) {
  const seen = new Promise<void>((resolve) => {
    onLookup = resolve;
  });
  async function* slowly() {
    yield BODY.subarray(0, 5);
    await seen;
    await change();
    yield BODY.subarray(5);
  }
  return harness.send({ ...request(declareHash), body: Readable.from(slowly()) });
}

const CHANGES: readonly [string, () => Promise<unknown>, string][] = [
  ['disabled', () => core.client.call('client.update', { name, enabled: false }), 'is disabled in Keyhold'],
  ['removed', () => core.client.call('client.remove', { name }), 'Keyhold'],
  ['over', async () => clock.advance(3_600_000), 'expired'],
  [
    'gated',
    () => core.client.call('gate.set', { target: { kind: 'client', name }, withinSeconds: 0, keys: 'any' }),
    'security key',
  ],
];

describe.each([
  ['whose body’s hash is declared', true],
  ['whose body comes first', false],
])('a request %s', (_what, declareHash) => {
  it.each(CHANGES)('of a client that is %s while it is read is refused', async (_change, change, sentence) => {
    const answer = await askWhile(change, declareHash);
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining(sentence)]);
    expect(answer.text).not.toContain('Plaintext');
  });

  it('of one that stays as it was is answered', async () => {
    expect((await askWhile(async () => undefined, declareHash)).status).toBe(200);
  });

  it('that has come whole has its client looked up once', async () => {
    // The first one may have come in two pieces.
    await expect
      .poll(async () => {
        lookups = 0;
        const answer = await harness.send({ ...request(declareHash), body: BODY });
        return [answer.status, lookups];
      })
      .toEqual([200, 1]);
  });
});

describe('a request that waits for a touch', () => {
  // A profile’s gate would be there for the tests that follow.
  it.each<'client' | 'profile'>(['client', 'profile'])(
    'of the %s’s gate is refused when its client is disabled meanwhile',
    async (kind) => {
      core.running.core.touch.use({
        async getAssertion(wanted, signal) {
          await core.client.call('client.update', { name, enabled: false });
          return hand.source.getAssertion(wanted, signal);
        },
      });
      const target = { kind, name: kind === 'client' ? name : 'lab' };
      await core.client.call('gate.set', { target, withinSeconds: 0, keys: 'any' });
      const before = hand.asked.length;
      const answer = await harness.send({ ...request(true), body: BODY });
      expect(hand.asked).toHaveLength(before + 1);
      expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('is disabled in Keyhold')]);
    },
  );
});
