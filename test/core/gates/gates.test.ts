import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReplyKey, seal } from '../../../src/client/seal.ts';
import type { Params } from '../../../src/contract/methods.ts';
import type { UsedTouch } from '../../../src/core/gates/touch-call.ts';
import { ACCESS_KEY_ID, SECRET_KEY, startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { enrolSoftKey, type Finger, finger } from '../../support/gate-keys.ts';
import { PASSWORD } from '../../support/hsm.ts';
import type { SoftSecurityKey } from '../../support/soft-security-key.ts';

const REQUEST: Params<'sign.headers'> = {
  profile: 'prod',
  method: 'GET',
  url: 'https://s3.eu-central-1.amazonaws.com/',
  headers: [],
  payloadHash: 'UNSIGNED-PAYLOAD',
};
const KEY = { kind: 'key', name: 'deploy' } as const;
const PROFILE = { kind: 'profile', name: 'prod' } as const;
const utf8 = new TextEncoder();

let core: TestCore;
let clock: FakeClock;
let blue: SoftSecurityKey;
let hand: Finger;
let recovery: string;
beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  recovery = await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.populate();
  blue = await enrolSoftKey(core, 'blue');
  hand = finger([blue]);
  core.running.core.touch.use(hand.source);
}, 60_000);
afterEach(() => core.dispose());

const signIt = () => core.client.call('sign.headers', REQUEST);
const set = (withinSeconds: number, more: Partial<Params<'gate.set'>> = {}) =>
  core.client.call('gate.set', { target: KEY, withinSeconds, keys: 'any', ...more });
/** Without the vault's own backups, which come when they are due. */
const lastEvents = async (count: number) =>
  (await core.client.call('audit.list', { limit: count + 5 })).entries
    .map(({ event }) => event)
    .filter(({ action }) => action !== 'hsm.backup')
    .slice(0, count)
    .reverse();

/** Until the person is asked for the nth time. */
async function askedFor(times: number): Promise<void> {
  while (hand.asked.length < times) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Until what was called has come as far as it can. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('a gate on an access key', () => {
  test('is shown, lets nothing be signed without a touch, and names the key in the log', async () => {
    expect(await set(0)).toEqual({ kind: 'key', name: 'deploy', gate: { withinSeconds: 0, keys: 'any' } });
    expect((await core.client.call('key.list', {})).keys[0]?.gate).toEqual({ withinSeconds: 0, keys: 'any' });
    await signIt();
    await signIt();
    expect(hand.asked.map(({ message }) => message)).toEqual(
      Array(2).fill(
        'Touch “blue” to let the command line sign a request for prod (GET s3.eu-central-1.amazonaws.com).',
      ),
    );
    const mfa = [{ key: 'blue', credentialId: Buffer.from(blue.credentialId).toString('hex') }];
    // Written with others at once: its place among changes is not sure.
    const events = await lastEvents(4);
    expect(events.filter(({ action }) => action === 'sign.headers')).toMatchObject(
      Array(2).fill({ target: 'deploy', decision: 'allowed', mfa }),
    );
    expect(events.filter(({ action }) => action === 'gate.touch')).toMatchObject(
      Array(2).fill({ target: 'blue', decision: 'allowed', mfa }),
    );
  });

  test('is open for its time after one touch, whoever asks at once', async () => {
    await set(900);
    await Promise.all(Array.from({ length: 5 }, signIt));
    clock.advance(899_000);
    await signIt();
    expect(hand.asked).toHaveLength(1);
    const [event] = await lastEvents(1);
    expect(event).toMatchObject({ action: 'sign.headers', mfa: [{ key: 'blue' }] });
    clock.advance(1000);
    await signIt();
    expect(hand.asked).toHaveLength(2);
  });

  test('asks one after the other for each use', async () => {
    await set(0);
    await Promise.all([signIt(), core.client.call('sign.headers', { ...REQUEST, method: 'PUT' })]);
    expect(hand.asked).toHaveLength(2);
  });

  test('says so when nobody touches the key, and when it says no', async () => {
    await set(0);
    hand.does = 'nothing';
    const late = signIt();
    await askedFor(1);
    clock.advance(30_000);
    await expect(late).rejects.toMatchObject({
      code: 'TouchRequired',
      message: 'This wants a touch of a security key. Nobody touched blue within 30 seconds.',
    });
    hand.does = 'refuse';
    await expect(signIt()).rejects.toMatchObject({ code: 'TouchRequired', details: { reason: 'TouchRefused' } });
    expect(await lastEvents(1)).toMatchObject([{ action: 'gate.touch', decision: 'denied', target: 'blue' }]);
  });

  test('is in the log as refused whatever goes wrong with it', async () => {
    await set(0);
    core.running.core.touch.use({ getAssertion: () => Promise.reject(new TypeError('a mistake of ours')) });
    await expect(signIt()).rejects.toThrow('a mistake of ours');
    expect(await lastEvents(1)).toMatchObject([
      { action: 'gate.touch', decision: 'denied', reason: /^Internal; to let/ },
    ]);
  });

  test('is given up with the caller’s connection; others still wait', async () => {
    await set(900);
    hand.does = 'nothing';
    const gone = new AbortController();
    const first = core.running.call('sign.headers', REQUEST, 'cli', gone.signal);
    const second = signIt();
    await askedFor(1);
    gone.abort();
    await expect(first).rejects.toMatchObject({ code: 'Cancelled' });
    clock.advance(30_000);
    await expect(second).rejects.toMatchObject({ code: 'TouchRequired' });
    const alone = new AbortController();
    const third = core.running.call('sign.headers', REQUEST, 'cli', alone.signal);
    await askedFor(2);
    alone.abort();
    hand.does = 'touch';
    // In the same moment: the prompt that was given up is not the next one's.
    await Promise.all([expect(third).rejects.toMatchObject({ code: 'Cancelled' }), signIt()]);
  });

  test('is asked for anew when its caller went away before its turn, and leaves its place to others', async () => {
    await set(900, { target: PROFILE });
    const other = { ...REQUEST, profile: 'second' };
    await core.client.call('profile.add', { name: 'second', account: 'prod', key: 'deploy', region: 'eu-central-1' });
    await set(900, { target: { kind: 'profile', name: 'second' } });
    hand.does = 'nothing';
    const shown = new AbortController();
    const showing = core.running.call('sign.headers', REQUEST, 'cli', shown.signal);
    await askedFor(1);
    for (let i = 0; i < 10; i++) {
      const gone = new AbortController();
      const queued = core.running.call('sign.headers', other, 'cli', gone.signal);
      await settled();
      gone.abort();
      await expect(queued).rejects.toMatchObject({ code: 'Cancelled' });
    }
    const next = core.running.call('sign.headers', other, 'cli');
    await settled();
    hand.does = 'touch';
    shown.abort();
    await expect(showing).rejects.toMatchObject({ code: 'Cancelled' });
    await next;
    expect(hand.asked).toHaveLength(2);
  });

  test('is not waited for longer than a tool would', async () => {
    await set(0);
    hand.does = 'nothing';
    const waiting = ['PUT', 'POST', 'DELETE'].map((method) => core.client.call('sign.headers', { ...REQUEST, method }));
    const outcomes = Promise.all(waiting.map((one) => one.catch((error: unknown) => error)));
    await askedFor(1);
    await settled();
    clock.advance(30_000);
    await askedFor(2);
    clock.advance(20_000);
    const messages = (await outcomes).map((error) => (error instanceof Error ? error.message : 'signed'));
    expect(messages.filter((message) => message.includes('with what others asked for before'))).toHaveLength(2);
    expect(hand.asked).toHaveLength(2);
  });

  test('holds after a lock, when the touch is forgotten', async () => {
    await set(900);
    await signIt();
    await core.client.call('vault.lock', {});
    await core.unlock();
    await signIt();
    expect(hand.asked).toHaveLength(2);
  });

  test('is closed with the removal of the key that opened it', async () => {
    const red = await enrolSoftKey(core, 'red');
    await set(900);
    await signIt();
    const password = await seal(await core.client.call('hsm.sealKey', {}), 'password', utf8.encode(PASSWORD));
    core.running.core.touch.use(finger([red]).source);
    await core.client.call('mfa.removeKey', { name: 'blue', authorize: { factor: 'password', sealed: password } });
    hand = finger([red]);
    core.running.core.touch.use(hand.source);
    await signIt();
    expect(hand.asked).toHaveLength(1);
  });

  test('is given up with the lock', async () => {
    await set(0);
    hand.does = 'nothing';
    const waiting = signIt();
    await askedFor(1);
    await core.client.call('vault.lock', {});
    await expect(waiting).rejects.toMatchObject({ code: expect.stringMatching(/^(Cancelled|Locked)$/) });
  });

  test('waits for a security key to be plugged in, and gives up', async () => {
    await set(0);
    await core.restart();
    await core.unlock();
    const waiting = signIt();
    waiting.catch(() => undefined);
    const prompts = async () => (await core.client.call('mfa.prompts', {})).prompts;
    while ((await prompts()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [prompt] = await prompts();
    expect(prompt?.ask).toBe('insert');
    // The countdown ends when the call does.
    expect(Date.parse(prompt?.until ?? '') - clock.now()).toBe(30_000);
    clock.advance(30_000);
    await expect(waiting).rejects.toMatchObject({ code: 'TouchRequired' });
    expect(await prompts()).toEqual([]);
  });

  test('by a named key, which another one is not', async () => {
    const red = await enrolSoftKey(core, 'red');
    await set(0, { keys: ['red'] });
    await expect(signIt()).rejects.toMatchObject({ code: 'TouchRequired', details: { reason: 'NoCredential' } });
    const both = finger([blue, red]);
    core.running.core.touch.use(both.source);
    await signIt();
    expect(both.asked[0]?.credentials.map(({ name }) => name)).toEqual(['red']);
  });

  test('comes with a word on the copies that do not have it, once', async () => {
    await set(900);
    await set(60);
    const warned = core.events.filter((event) => event.type === 'notice' && event.level === 'warning');
    expect(warned).toMatchObject([{ message: expect.stringContaining('have deploy without its gate') }]);
  });

  test('needs a key that is enrolled, and named once', async () => {
    await expect(set(0, { keys: ['green'] })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(set(0, { keys: ['blue', 'BLUE'] })).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(core.client.call('gate.remove', { target: KEY })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('tells of a copy of the key', async () => {
    await set(0);
    blue.count = 5;
    await signIt();
    blue.count = 2;
    await expect(signIt()).rejects.toMatchObject({ code: 'TouchRequired' });
    expect(await lastEvents(1)).toMatchObject([
      { action: 'gate.touch', decision: 'denied', reason: expect.stringContaining('copy of the key') },
    ]);
  });

  test('remembers the key’s counter after a lock', async () => {
    await set(0);
    blue.count = 5;
    await signIt();
    await core.client.call('vault.lock', {});
    await core.unlock();
    blue.count = 5;
    await expect(signIt()).rejects.toMatchObject({ code: 'TouchRequired' });
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });
});

test('a forged request is not said to come with the touch of a true one', async () => {
  const { accessKeyId } = await core.addClient({ name: 'tool', profile: 'prod' });
  await set(60, { target: { kind: 'client', name: 'tool' } });
  const backend = core.running.doorBackend;
  const client = await backend.resolveClient(accessKeyId);
  if (client === null) throw new Error('no client');
  const scope = { date: '20260101', region: 'eu-central-1', service: 's3' };
  const session = core.running.core.session();
  const key = session.objectRef(session.things.must('client', client.id).secret.id);
  const touches: UsedTouch[] = [];
  const onBehalf = <T>(work: () => Promise<T>) => backend.onBehalfOf({ what: () => 'try it', touches }, work);
  const signed = await onBehalf(() => session.hsm.call('sigv4Sign', { key, scope, stringToSign: 'x' }));
  expect(touches.splice(0)).toMatchObject([{ key: 'blue' }]);
  clock.advance(120_000);
  expect(await onBehalf(() => backend.isSignatureOf(client, scope, 'x', 'ab'.repeat(32)))).toBe(false);
  expect(touches).toEqual([]);
  expect(await onBehalf(() => backend.isSignatureOf(client, scope, 'x', signed.signature))).toBe(true);
  expect(touches).toMatchObject([{ key: 'blue' }]);
});

describe('a gate on a profile', () => {
  test('has an object of its own, as old as the gate', async () => {
    clock.advance(60_000);
    await set(0, { target: PROFILE });
    const session = core.running.core.session();
    const id = session.things.byName('profile', 'prod').value.gate?.object?.id ?? '';
    const { attributes } = await session.hsm.call('objectInfo', { key: session.objectRef(id) });
    expect(attributes).toMatchObject({ label: 'gate of prod', createdAt: clock.now() });
  });

  test('asks for what is signed for it', async () => {
    await set(0, { target: PROFILE });
    expect((await core.client.call('profile.list', {})).profiles[0]?.gate).toEqual({ withinSeconds: 0, keys: 'any' });
    hand.does = 'refuse';
    await expect(signIt()).rejects.toMatchObject({ code: 'TouchRequired' });
    hand.does = 'touch';
    await signIt();
    await core.client.call('gate.remove', { target: PROFILE });
    const asked = hand.asked.length;
    await signIt();
    expect(hand.asked).toHaveLength(asked);
    await set(60, { target: PROFILE });
    await core.client.call('profile.remove', { name: 'prod' });
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });
});

describe('a gate is loosened', () => {
  const owner = async <F extends 'password' | 'recovery-code'>(factor: F, text: string) => {
    const sealKey = await core.client.call('hsm.sealKey', {});
    return { factor, sealed: await seal(sealKey, factor, utf8.encode(text)) };
  };
  const code = (text = recovery) => owner('recovery-code', text);

  test('with a touch alone', async () => {
    await set(0);
    hand.does = 'refuse';
    await expect(set(60)).rejects.toMatchObject({ code: 'TouchRequired' });
    await expect(core.client.call('gate.remove', { target: KEY })).rejects.toMatchObject({ code: 'TouchRequired' });
    hand.does = 'touch';
    await set(60);
    hand.does = 'refuse';
    await set(30);
    expect((await core.client.call('gate.list', {})).gates).toEqual([
      { kind: 'key', name: 'deploy', gate: { withinSeconds: 30, keys: 'any' } },
    ]);
    hand.does = 'touch';
    await core.client.call('gate.remove', { target: KEY });
    expect((await core.client.call('gate.list', {})).gates).toEqual([]);
    const asked = hand.asked.length;
    await signIt();
    expect(hand.asked).toHaveLength(asked);
  });

  test('after the key is lost, with the recovery code alone', async () => {
    await set(0);
    hand.does = 'refuse';
    const wrong = await code(recovery.replace(/^..../, recovery.startsWith('AAAA') ? 'BBBB' : 'AAAA'));
    await expect(core.client.call('gate.remove', { target: KEY, authorize: wrong })).rejects.toMatchObject({
      code: 'WrongSecret',
    });
    clock.advance(60_000);
    await core.client.call('gate.remove', { target: KEY, authorize: await code() });
    await signIt();
    expect(await lastEvents(2)).toMatchObject([
      { action: 'gate.remove', target: 'deploy', reason: 'key, by the recovery code' },
      { action: 'sign.headers' },
    ]);
  });

  test('not by way of a new recovery code, nor of a new key', async () => {
    await set(0);
    hand.does = 'refuse';
    const reply = await createReplyKey();
    const adding = core.client.callSealed('slot.addRecoveryCode', async (seal) => ({
      label: 'second',
      replyKey: reply.publicKey,
      authorize: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
    }));
    await expect(adding).rejects.toMatchObject({ code: 'TouchRequired' });
    await expect(enrolSoftKey(core, 'mine')).rejects.toMatchObject({ code: 'TouchRequired' });
  });

  test('not by way of the loss of the last key', async () => {
    await set(0);
    await core.client.call('mfa.removeKey', { name: 'blue', authorize: await code() });
    const mine = enrolSoftKey(core, 'mine');
    await expect(mine).rejects.toMatchObject({ code: 'TouchRequired', message: /recovery code/ });
    const reply = await createReplyKey();
    const another = core.client.callSealed('slot.addRecoveryCode', async (seal) => ({
      ...{ label: 'second', replyKey: reply.publicKey },
      authorize: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
    }));
    await expect(another).rejects.toMatchObject({ code: 'TouchRequired' });
    await expect(signIt()).rejects.toMatchObject({ code: 'TouchRequired' });
    const next = finger([await enrolSoftKey(core, 'next', await code())]);
    core.running.core.touch.use(next.source);
    await signIt();
    expect(next.asked).toHaveLength(1);
  });

  describe('and can be so later:', () => {
    const removeCode = async () => {
      const { slots } = await core.client.call('slot.list', {});
      const id = slots.find(({ factors }) => factors.includes('recovery-code'))?.id ?? '';
      return core.client.call('slot.remove', { id, authorize: await owner('password', PASSWORD) });
    };
    const remove = async (name: string) =>
      core.client.call('mfa.removeKey', { name, authorize: await owner('password', PASSWORD) });

    test('without a recovery code, its last key stays', async () => {
      const red = await enrolSoftKey(core, 'red');
      await set(0, { keys: ['blue'] });
      await removeCode();
      hand = finger([blue, red]);
      core.running.core.touch.use(hand.source);
      await expect(remove('blue')).rejects.toMatchObject({
        code: 'InUse',
        message: /Only blue opens the gates of deploy, and there is no recovery code .* Make one/,
        details: { dependents: ['deploy'] },
      });
      expect(hand.asked).toEqual([]);
      await set(0, { keys: ['red'] });
      await remove('blue');
      await expect(remove('red')).rejects.toMatchObject({ code: 'InUse' });
      await core.client.call('gate.remove', { target: KEY });
      await remove('red');
    });

    test('without its last key, the recovery code stays', async () => {
      await set(0);
      await core.client.call('mfa.removeKey', { name: 'blue', authorize: await code() });
      await expect(removeCode()).rejects.toMatchObject({
        code: 'InUse',
        message: /No security key opens the gates of deploy any more/,
        details: { dependents: ['deploy'] },
      });
      await core.client.call('gate.remove', { target: KEY, authorize: await code() });
      await removeCode();
    });
  });

  test('not by way of an import of the same key', async () => {
    await set(0);
    await expect(
      core.importKey({ name: 'again', account: 'prod', accessKeyId: ACCESS_KEY_ID }, SECRET_KEY),
    ).rejects.toMatchObject({ code: 'AlreadyExists' });
  });
});
