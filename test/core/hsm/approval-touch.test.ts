import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { createHsmClient, type HsmClient } from '../../../src/core/hsm/client.ts';
import type { Gate, HsmInput, HsmOutput, QuorumTokenView, RecordSealed } from '../../../src/core/hsm/protocol.ts';
import {
  createTestVault,
  FLOOR,
  inProcessHsm,
  sealFor,
  type TestVault,
  testTokenPorts,
  unlockWith,
} from '../../support/hsm.ts';
import { type SmallSet, smallSet } from '../../support/small-set.ts';
import { type SoftSecurityKey, softSecurityKey } from '../../support/soft-security-key.ts';

const EACH: Gate = { withinSeconds: 0, keys: 'any' };
const QUORUM = { code: 'QuorumRequired' };
const TOUCH = { code: 'TouchRequired' };

const now = 1_800_000_000_000;
let tick = 0;
let hsm: HsmClient;
let vault: TestVault;
let set: SmallSet;
const enrolled: RecordSealed[] = [];
const [blue, red] = [softSecurityKey(), softSecurityKey()];
let session: () => Promise<HsmInput<'hsmLogout'>['session']>;

function start(): HsmClient {
  return createHsmClient(
    inProcessHsm(testTokenPorts({ clock: { now: () => now, monotonic: () => tick } }), { stops: true }),
  );
}

const pass = (text: string) => sealFor(hsm, 'hsm-password', text);
const keyId = (index: number): string => enrolled[index]?.id ?? '';

async function logIn(): Promise<void> {
  const reply = await createReplyKey();
  const replyKey = new Uint8Array(Buffer.from(reply.publicKey, 'base64'));
  const { session: sealed } = await hsm.call('hsmLogin', { name: 'alice', password: await pass('alice'), replyKey });
  const secret = await reply.open(sealed, 'hsm-session');
  session = () => sealFor(hsm, 'hsm-session', secret);
}

/** Says that nothing is guarded, whatever is. */
async function enrol(soft: SoftSecurityKey): Promise<void> {
  const input = { label: 'x', createdAt: 1, authenticatorData: soft.registration(), guarded: false, enrolled: [] };
  const { attributes, blob } = await hsm.call('enrolSecurityKey', input);
  enrolled.push({ id: attributes.id, kind: 'object', version: 1, sealed: blob });
}

/** The vault that each test finds: keys enrolled, alice and bob crypto officers, no rule. */
let made: SmallSet;
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

beforeAll(async () => {
  hsm = start();
  vault = await createTestVault(hsm);
  set = smallSet(hsm, vault);
  await set.commit({});
  await enrol(blue);
  await enrol(red);
  const { staged } = await hsm.call('initUsers', {
    secret: { factor: 'password', sealed: await sealFor(hsm, 'password', vault.password) },
    slots: vault.slots,
    ...{ name: 'alice', password: await pass('alice'), kdf: FLOOR, publicKey: null, createdAt: now },
  });
  await set.commit({ users: staged });
  await logIn();
  const publicKey = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
  const add = { do: 'add-user', name: 'bob', role: 'crypto-officer', kdf: FLOOR, publicKey, createdAt: now } as const;
  await change({ ...add, password: await pass('bob') });
  made = set.copy();
  await hsm.kill();
}, 30_000);

/** A new process, unlocked, that has been shown these users. */
async function unlocked(stored: SmallSet, users = stored.users()): Promise<void> {
  hsm = start();
  await unlockWith(hsm, vault, { factor: 'password', text: vault.password }, stored.head, stored.headMac);
  await hsm.call('openUsers', users);
  set = smallSet(hsm, vault);
  set.head = stored.head;
  set.headMac = stored.headMac;
  set.rows = new Map(stored.rows);
}

beforeEach(async () => {
  tick = 0;
  await unlocked(made.copy());
  await logIn();
});
afterEach(() => hsm.kill());

type Change = HsmInput<'changeUsers'>['change'];
async function change(wanted: Change, touches?: SoftSecurityKey): Promise<void> {
  const input = { session: await session(), change: wanted };
  const { staged } = await touching(() => hsm.call('changeUsers', input), touches);
  await set.commit({ users: staged });
}

/** Runs it, and again after a touch of this key where it is refused for want of one. */
async function touching<T>(run: () => Promise<T>, key: SoftSecurityKey | undefined): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (key === undefined || !(error instanceof KeyholdError) || error.code !== 'TouchRequired') throw error;
    await touch(key, String(error.details?.['use']));
    return run();
  }
}

async function touch(key: SoftSecurityKey, use: string): Promise<void> {
  const { challenge, clientDataHash } = await hsm.call('touchChallenge', { use, keys: enrolled });
  await hsm.call('presentTouch', { challenge, ...key.touch(clientDataHash) });
}

const rule = (service: 'key' | 'user', wanted: Gate | null) =>
  ({ do: 'set-approval-touch', service, touch: wanted }) as const;
const quorum = (service: 'key' | 'user', required: number) => ({ do: 'set-quorum', service, required }) as const;

async function ask(act: HsmInput<'createQuorumToken'>['act']): Promise<QuorumTokenView> {
  const id = randomBytes(16).toString('hex');
  const made = await hsm.call('createQuorumToken', { session: await session(), id, act, expiresAt: now + 600_000 });
  await set.commit({ users: made.staged });
  return made.token;
}

const byAlice = async ({ id }: QuorumTokenView): Promise<HsmInput<'approveQuorumToken'>> => ({
  ...{ id, user: 'alice', proof: { password: await pass('alice') } },
});
const byBob = ({ id, message }: QuorumTokenView): HsmInput<'approveQuorumToken'> => ({
  ...{ id, user: 'bob', proof: { signature: new Uint8Array(sign('sha256', message, pair.privateKey)) } },
});

async function approve(
  input: HsmInput<'approveQuorumToken'>,
  key?: SoftSecurityKey,
): Promise<HsmOutput<'approveQuorumToken'>> {
  const approved = await touching(() => hsm.call('approveQuorumToken', input), key);
  await set.commit({ users: approved.staged });
  return approved;
}

async function kmsKey(): Promise<RecordSealed> {
  const id = randomBytes(16).toString('hex');
  const material = { id, spec: 'AES_256', usage: ['encrypt', 'decrypt'], label: 'k', createdAt: now } as const;
  const { blob } = await hsm.call('generateKmsMaterial', {
    ...{ ...material, usage: [...material.usage], materialContext: new Uint8Array(4) },
  });
  const row: RecordSealed = { id, kind: 'object', version: 1, sealed: blob };
  await set.commit({ put: [row] });
  return row;
}

const destruction = (row: RecordSealed) => ({ do: 'destroy' as const, target: 'k', objects: [row] });
const destroyed = (row: RecordSealed) => hsm.call('guardDestruction', { now: [row], later: [], kept: [] });

describe('an approval under a rule that wants a touch', () => {
  test('is refused without one and with the touch of another key, and passes once with the right one', async () => {
    await change(rule('key', { withinSeconds: 0, keys: [keyId(0)] }));
    await change(quorum('key', 2));
    const row = await kmsKey();
    const token = await ask(destruction(row));
    for (const input of [await byAlice(token), byBob(token)]) {
      await expect(approve(input)).rejects.toMatchObject({ ...TOUCH, details: { keys: [keyId(0)], withinSeconds: 0 } });
      await expect(approve(input, red)).rejects.toMatchObject({ code: 'HsmRefused' });
      expect(await approve(input, blue)).toMatchObject({ touch: keyId(0) });
    }
    const { view } = await hsm.call('viewUsers', {});
    expect(view).toMatchObject({ touch: { key: { withinSeconds: 0, keys: [keyId(0)] }, user: null } });
    expect(view?.tokens[0]?.approvals).toEqual([
      { user: 'alice', at: now },
      { user: 'bob', at: now },
    ]);
    await expect(destroyed(row)).resolves.toMatchObject({ used: [{ id: token.id }] });
  });

  test('a touch is for one approval: not another officer’s, nor another token’s, nor the same id with another text', async () => {
    await change(rule('key', EACH));
    await change(quorum('key', 2));
    const [one, two] = [await ask(destruction(await kmsKey())), await ask(destruction(await kmsKey()))];
    const input = await byAlice(one);
    const refusal = await hsm.call('approveQuorumToken', input).catch((error: unknown) => error);
    expect(refusal).toMatchObject(TOUCH);
    await touch(blue, refusal instanceof KeyholdError ? String(refusal.details?.['use']) : '');
    await expect(approve(byBob(one))).rejects.toMatchObject(TOUCH);
    await expect(approve(await byAlice(two))).rejects.toMatchObject(TOUCH);
    await expect(approve(await byAlice(one))).rejects.toMatchObject(TOUCH);
    const cancelled = await hsm.call('cancelQuorumToken', { session: await session(), id: one.id });
    await set.commit({ users: cancelled.staged });
    const act = { do: 'remove-user' as const, name: 'bob' };
    const again = { session: await session(), id: one.id, act, expiresAt: now + 600_000 };
    await set.commit({ users: (await hsm.call('createQuorumToken', again)).staged });
    await expect(approve(input)).rejects.toMatchObject(TOUCH);
  });

  test('asks ahead of the change for the very touch of it, and uses nothing up', async () => {
    await change(rule('key', EACH));
    await change(quorum('key', 1));
    const token = await ask(destruction(await kmsKey()));
    const input = await byAlice(token);
    const ahead = () => hsm.call('touchForUsers', { for: 'approveQuorumToken', input });
    await touching(ahead, blue);
    await ahead();
    await approve(input);
    await expect(ahead()).rejects.toMatchObject({ code: 'AlreadyExists' });
    // A signature that is none is worth no touch.
    const forged = { id: token.id, user: 'bob', proof: { signature: new Uint8Array(70) } };
    await expect(hsm.call('touchForUsers', { for: 'approveQuorumToken', input: forged })).rejects.toMatchObject({
      code: 'WrongSecret',
    });
  });

  test('within a time, one touch is enough for the approvals of one officer', async () => {
    await change(rule('key', { withinSeconds: 300, keys: 'any' }));
    await change(quorum('key', 2));
    const tokens = [await ask(destruction(await kmsKey())), await ask(destruction(await kmsKey()))];
    for (const token of tokens) expect(await approve(byBob(token), blue)).toMatchObject({ touch: keyId(0) });
    const [first] = tokens;
    if (first === undefined) throw new Error('no token');
    await expect(approve(await byAlice(first))).rejects.toMatchObject(TOUCH);
    const third = await ask(destruction(await kmsKey()));
    tick += 299_999;
    await approve(byBob(third));
    tick += 1;
    await expect(approve(byBob(await ask(destruction(await kmsKey()))))).rejects.toMatchObject(TOUCH);
  });

  test('a removed key opens nothing for the rest of its time', async () => {
    await change(rule('key', { withinSeconds: 300, keys: 'any' }));
    await change(quorum('key', 1));
    await approve(byBob(await ask(destruction(await kmsKey()))), blue);
    await hsm.call('forgetKey', { id: keyId(0) });
    await expect(approve(byBob(await ask(destruction(await kmsKey()))))).rejects.toMatchObject(TOUCH);
  });

  test('counts no more when it is from before the rule, or was touched with a key that the rule has no more', async () => {
    await change(quorum('key', 1));
    const row = await kmsKey();
    const token = await ask(destruction(row));
    await approve(byBob(token));
    const setting = await ask(rule('key', EACH));
    await approve(await byAlice(setting));
    await change(rule('key', EACH));
    await expect(destroyed(row)).rejects.toMatchObject({ ...QUORUM, message: expect.stringContaining('has 0') });
    await approve(byBob(token), red);
    await expect(destroyed(row)).resolves.not.toBeNull();
    const narrower = rule('key', { withinSeconds: 0, keys: [keyId(0)] });
    await approve(await byAlice(await ask(narrower)), blue);
    await change(narrower);
    await expect(destroyed(row)).rejects.toMatchObject(QUORUM);
  });

  test('stands after the next unlock, and no older record is taken for it', async () => {
    await change(rule('user', EACH));
    await change(quorum('user', 1));
    const stored = set.copy();
    await hsm.kill();
    await expect(unlocked(stored, made.users())).rejects.toMatchObject({ code: 'VaultTampered' });
    await unlocked(stored);
    expect((await hsm.call('viewUsers', {})).view?.touch).toEqual({ key: null, user: EACH });
    await logIn();
    await expect(approve(byBob(await ask(quorum('user', 0))))).rejects.toMatchObject(TOUCH);
  });
});

describe('a rule', () => {
  test('is set by an officer, through the quorum where there is one, and the token says exactly what', async () => {
    const wanted = rule('key', { withinSeconds: 0, keys: [keyId(1), keyId(0)] });
    await change(quorum('key', 1));
    await expect(change(wanted)).rejects.toMatchObject(QUORUM);
    const token = await ask(wanted);
    const keys = [keyId(0), keyId(1)].sort();
    expect(token.act).toBe(
      `{"do":"set-approval-touch","service":"key","touch":{"withinSeconds":0,"keys":${JSON.stringify(keys)}}}`,
    );
    await approve(byBob(token));
    await expect(change(rule('key', EACH))).rejects.toMatchObject(QUORUM);
    await expect(change(rule('user', wanted.touch))).rejects.toMatchObject(QUORUM);
    await change(rule('key', { withinSeconds: 0, keys }));
  });

  test('is loosened with a touch that passes it, besides the officer; tightened without', async () => {
    await change(rule('key', { withinSeconds: 60, keys: [keyId(0)] }));
    await change(rule('key', { withinSeconds: 0, keys: [keyId(0)] }));
    const looser = [null, { withinSeconds: 1, keys: [keyId(0)] }, EACH, { withinSeconds: 0, keys: [keyId(1)] }];
    for (const wanted of looser) {
      await expect(change(rule('key', wanted))).rejects.toMatchObject(TOUCH);
      await expect(change(rule('key', wanted), red)).rejects.toMatchObject({ code: 'HsmRefused' });
    }
    const nobody = { session: await sealFor(hsm, 'hsm-session', new Uint8Array(32)), change: rule('key', null) };
    await expect(touching(() => hsm.call('changeUsers', nobody), blue)).rejects.toMatchObject({
      code: 'HsmLoginRequired',
    });
    await change(rule('key', null), blue);
    expect((await hsm.call('viewUsers', {})).view?.touch).toEqual({ key: null, user: null });
  });

  test('is not got around by what could undo it: that wants the touch of either rule', async () => {
    await change(rule('key', { withinSeconds: 60, keys: 'any' }));
    await change(rule('user', { withinSeconds: 0, keys: [keyId(0)] }));
    await change(quorum('key', 1));
    const publicKey = new Uint8Array(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' }),
    );
    const acts: HsmInput<'createQuorumToken'>['act'][] = [
      quorum('key', 0),
      quorum('user', 0),
      rule('key', null),
      { do: 'add-user', name: 'eve', role: 'crypto-officer', publicKey },
      { do: 'remove-user', name: 'bob' },
      { do: 'make-recovery-code' },
    ];
    for (const act of acts) {
      await expect(approve(byBob(await ask(act)))).rejects.toMatchObject({
        ...TOUCH,
        details: { withinSeconds: 0, keys: [keyId(0)] },
      });
    }
    await expect(change(quorum('key', 0))).rejects.toMatchObject(QUORUM);
    const slot = { id: '0'.repeat(16), label: 'x', kdf: FLOOR, createdAt: now };
    const reply = await createReplyKey();
    const replyKey = new Uint8Array(Buffer.from(reply.publicKey, 'base64'));
    await expect(hsm.call('makeRecoverySlot', { ...slot, replyKey, session: await session() })).rejects.toMatchObject(
      QUORUM,
    );
    const secret = { factor: 'password' as const, sealed: await sealFor(hsm, 'password', vault.password) };
    await expect(
      hsm.call('initUsers', {
        ...{ secret, slots: vault.slots, name: 'eve', password: await pass('eve') },
        ...{ kdf: FLOOR, publicKey: null, createdAt: now },
      }),
    ).rejects.toMatchObject({ code: 'AlreadyExists' });
    // Whatever the daemon says is guarded: a key of its own would pass a rule that any key passes.
    await expect(enrol(softSecurityKey())).rejects.toMatchObject(TOUCH);
  });

  test('takes no keys that would leave nothing to pass both rules', async () => {
    await change(rule('key', { withinSeconds: 0, keys: [keyId(0)] }));
    const apart = rule('user', { withinSeconds: 0, keys: [keyId(1)] });
    await expect(change(apart)).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(ask(apart)).rejects.toMatchObject({ code: 'InvalidInput' });
    await change(rule('user', { withinSeconds: 0, keys: [keyId(1), keyId(0)] }));
  });

  test('goes with the users, by the recovery code', async () => {
    await change(rule('user', { withinSeconds: 0, keys: [keyId(0)] }));
    await change(quorum('user', 1));
    const recoveryCode = await sealFor(hsm, 'recovery-code', vault.recoveryText);
    await set.commit({ users: (await hsm.call('resetUsers', { recoveryCode, slots: vault.slots })).staged });
    await expect(enrol(softSecurityKey())).resolves.toBeUndefined();
  });
});
