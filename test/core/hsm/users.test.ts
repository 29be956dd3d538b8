import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import { createHsmClient } from '../../../src/core/hsm/client.ts';
import { USERS_ID } from '../../../src/core/hsm/kinds.ts';
import type {
  HsmInput,
  KmsSpec,
  ObjectUsage,
  QuorumTokenView,
  RecordSealed,
  UsersChange,
} from '../../../src/core/hsm/protocol.ts';
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

let now = 1_800_000_000_000;
let tick = 0;
let hsm: HsmClient;
let vault: TestVault;
let set: SmallSet;

function start(): HsmClient {
  const clock = { now: () => now, monotonic: () => tick };
  return createHsmClient(inProcessHsm(testTokenPorts({ clock }), { stops: true }));
}

beforeEach(async () => {
  now = 1_800_000_000_000;
  tick = 0;
  hsm = start();
  vault = await createTestVault(hsm);
  set = smallSet(hsm, vault);
  await set.commit({});
});
afterEach(() => hsm.kill());

const owner = async (): Promise<HsmInput<'initUsers'>['secret']> => ({
  factor: 'password',
  sealed: await sealFor(hsm, 'password', vault.password),
});
const pass = (text: string) => sealFor(hsm, 'hsm-password', text);

async function init(name = 'alice', publicKey: Uint8Array | null = null): Promise<void> {
  const { staged } = await hsm.call('initUsers', {
    secret: await owner(),
    slots: vault.slots,
    name,
    password: await pass(name),
    kdf: FLOOR,
    publicKey,
    createdAt: now,
  });
  await set.commit({ users: staged });
}

type Session = () => Promise<HsmInput<'hsmLogout'>['session']>;

/** A user's password is their name. */
async function login(name: string, password = name): Promise<Session> {
  const reply = await createReplyKey();
  const { session } = await hsm.call('hsmLogin', {
    name,
    password: await pass(password),
    replyKey: new Uint8Array(Buffer.from(reply.publicKey, 'base64')),
  });
  const secret = await reply.open(session, 'hsm-session');
  return () => sealFor(hsm, 'hsm-session', secret);
}

async function change(session: Session, wanted: UsersChange): Promise<void> {
  const { staged } = await hsm.call('changeUsers', { session: await session(), change: wanted });
  await set.commit({ users: staged });
}

async function add(session: Session, name: string, role: 'crypto-officer' | 'crypto-user', publicKey?: Uint8Array) {
  const password = await pass(name);
  await change(session, {
    do: 'add-user',
    name,
    role,
    password,
    kdf: FLOOR,
    publicKey: publicKey ?? null,
    createdAt: now,
  });
}

const quorum = (session: Session, service: 'key' | 'user', required: number) =>
  change(session, { do: 'set-quorum', service, required });

async function key(spec: KmsSpec = 'AES_256', usage: ObjectUsage[] = ['encrypt', 'decrypt'], notAfter?: number) {
  const id = randomBytes(16).toString('hex');
  const { blob } = await hsm.call('generateKmsMaterial', {
    ...{ id, spec, usage, label: `kms ${id.slice(0, 4)}`, createdAt: now, materialContext: new Uint8Array(4) },
    ...(notAfter === undefined ? {} : { notAfter }),
  });
  const row: RecordSealed = { id, kind: 'object', version: 1, sealed: blob };
  await set.commit({ put: [row] });
  return row;
}

async function token(
  session: Session,
  act: HsmInput<'createQuorumToken'>['act'],
  life = 60_000,
): Promise<QuorumTokenView> {
  const id = randomBytes(16).toString('hex');
  const made = await hsm.call('createQuorumToken', { session: await session(), id, act, expiresAt: now + life });
  await set.commit({ users: made.staged });
  return made.token;
}

async function approve(id: string, user: string): Promise<QuorumTokenView> {
  const approved = await hsm.call('approveQuorumToken', { id, user, proof: { password: await pass(user) } });
  await set.commit({ users: approved.staged });
  return approved.token;
}

async function destroy(...rows: RecordSealed[]): Promise<void> {
  const guarded = await hsm.call('guardDestruction', { now: rows, later: [], kept: [] });
  const remove = rows.map(({ id }) => id);
  await set.commit({ remove, ...(guarded === null ? {} : { users: guarded.staged }) });
}

/** Locks, starts a new process on what is stored and unlocks it. */
async function again(shown = set): Promise<void> {
  await hsm.kill();
  hsm = start();
  const stored = shown.copy();
  await unlockWith(hsm, vault, { factor: 'password', text: vault.password }, stored.head, stored.headMac);
  await hsm.call('openUsers', stored.users());
  set = rebind(stored);
}

function rebind(stored: SmallSet): SmallSet {
  const fresh = smallSet(hsm, vault);
  fresh.head = stored.head;
  fresh.headMac = stored.headMac;
  fresh.rows = new Map(stored.rows);
  return fresh;
}

const QUORUM = { code: 'QuorumRequired' };
const LOGIN = { code: 'HsmLoginRequired' };
const TAMPERED = { code: 'VaultTampered' };

describe('users', () => {
  test('the first officer is made by the owner alone, and once', async () => {
    const wrong = { factor: 'password' as const, sealed: await sealFor(hsm, 'password', 'not it') };
    const input = { slots: vault.slots, name: 'eve', kdf: FLOOR, publicKey: null, createdAt: now };
    await expect(hsm.call('initUsers', { ...input, secret: wrong, password: await pass('eve') })).rejects.toMatchObject(
      { code: 'WrongSecret' },
    );
    await init();
    await expect(
      hsm.call('initUsers', { ...input, secret: await owner(), password: await pass('eve') }),
    ).rejects.toMatchObject({ code: 'AlreadyExists' });
    const { view } = await hsm.call('viewUsers', {});
    expect(view?.users).toMatchObject([{ name: 'alice', role: 'crypto-officer', signing: { key: 'held' } }]);
  });

  test('a wrong password and a wrong name get the same answer, and a growing wait after five of them', async () => {
    await init();
    const errors = await Promise.all(
      [login('alice', 'x'), login('nobody', 'x')].map((attempt) => attempt.catch((error: unknown) => String(error))),
    );
    expect(errors[0]).toBe(errors[1]);
    for (let tries = 0; tries < 4; tries += 1)
      await expect(login('alice', 'x')).rejects.toMatchObject({ code: 'WrongSecret' });
    await expect(login('alice')).rejects.toMatchObject({ code: 'TooManyAttempts', details: { retryAfterSeconds: 1 } });
    tick += 1000;
    await expect(login('alice')).resolves.toBeDefined();
  });

  test('an officer manages users; a crypto user and nobody do not', async () => {
    await init();
    const alice = await login('alice');
    await add(alice, 'carol', 'crypto-user');
    const carol = await login('CAROL', 'carol');
    await expect(add(carol, 'mallory', 'crypto-officer')).rejects.toMatchObject(LOGIN);
    await expect(add(() => sealFor(hsm, 'hsm-session', new Uint8Array(32)), 'm', 'crypto-user')).rejects.toMatchObject(
      LOGIN,
    );
    await expect(add(alice, 'Carol', 'crypto-user')).rejects.toMatchObject({ code: 'AlreadyExists' });
    await change(alice, { do: 'remove-user', name: 'carol' });
    await expect(hsm.call('viewUsers', { session: await carol() })).resolves.toMatchObject({ who: null });
    await expect(change(alice, { do: 'remove-user', name: 'alice' })).rejects.toMatchObject({ code: 'InUse' });
  });

  test('a session ends with logout, after 15 minutes without a use, and with the process', async () => {
    await init();
    const first = await login('alice');
    expect(await hsm.call('hsmLogout', { session: await first() })).toEqual({ user: 'alice' });
    expect(await hsm.call('hsmLogout', { session: await first() })).toEqual({ user: null });
    const [here, there] = [await login('alice'), await login('alice')];
    await hsm.call('hsmLogout', { session: await here() });
    expect((await hsm.call('viewUsers', { session: await there() })).who).toBeNull();
    const second = await login('alice');
    tick += 14 * 60_000;
    await quorum(second, 'key', 1);
    tick += 14 * 60_000;
    await quorum(second, 'user', 0).catch((error: unknown) => expect(error).toMatchObject(QUORUM));
    tick += 15 * 60_000;
    await expect(quorum(second, 'user', 1)).rejects.toMatchObject(LOGIN);
    const third = await login('alice');
    await again();
    await expect(quorum(third, 'user', 1)).rejects.toMatchObject(LOGIN);
  });

  test('a user changes their own password, and the key kept under it goes along', async () => {
    await init();
    const former = await login('alice');
    const before = (await hsm.call('viewUsers', {})).view?.users[0]?.signing?.fingerprint;
    const changed = async (current: string) =>
      hsm.call('changeUserPassword', {
        name: 'alice',
        current: await pass(current),
        next: await pass('new'),
        kdf: FLOOR,
      });
    await expect(changed('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    await set.commit({ users: (await changed('alice')).staged });
    await expect(login('alice')).rejects.toMatchObject({ code: 'WrongSecret' });
    await expect(quorum(former, 'key', 1)).rejects.toMatchObject(LOGIN);
    const alice = await login('alice', 'new');
    expect((await hsm.call('viewUsers', {})).view?.users[0]?.signing?.fingerprint).toBe(before);
    await quorum(alice, 'key', 1);
    const one = await token(alice, { do: 'destroy', target: 'k', objects: [await key()] });
    const proof = { password: await pass('new') };
    await expect(hsm.call('approveQuorumToken', { id: one.id, user: 'alice', proof })).resolves.toMatchObject({
      token: { approvals: [{ user: 'alice' }] },
    });
  });

  test('without a login of a crypto user, keys are not used where the officers say so', async () => {
    await init();
    const alice = await login('alice');
    await add(alice, 'carol', 'crypto-user');
    const made = await key();
    const encrypt = () =>
      hsm.call('kmsEncrypt', {
        key: { id: made.id, version: 1, blob: made.sealed },
        aad: new Uint8Array(1),
        plaintext: new Uint8Array(1),
      });
    await encrypt();
    await change(alice, { do: 'set-key-use', needsLogin: true });
    await expect(encrypt()).rejects.toMatchObject(LOGIN);
    const carol = await login('carol');
    for (const minutes of [14, 14, 14]) {
      tick += minutes * 60_000;
      await encrypt();
    }
    tick += 15 * 60_000;
    await expect(encrypt()).rejects.toMatchObject(LOGIN);
    const later = await login('carol');
    await encrypt();
    expect(await hsm.call('hsmLogout', { session: await carol() })).toEqual({ user: null });
    await hsm.call('hsmLogout', { session: await later() });
    await expect(encrypt()).rejects.toMatchObject(LOGIN);
  });

  test('a reset takes the recovery code, and a new one is not made past the officers', async () => {
    await init();
    const alice = await login('alice');
    await quorum(alice, 'user', 1);
    const reset = async (text: string) =>
      hsm.call('resetUsers', { recoveryCode: await sealFor(hsm, 'recovery-code', text), slots: vault.slots });
    await expect(
      reset(`${vault.recoveryText.slice(0, -1)}${vault.recoveryText.endsWith('0') ? '1' : '0'}`),
    ).rejects.toMatchObject({
      code: 'WrongSecret',
    });
    const reply = await createReplyKey();
    const slot = {
      ...{ id: '0123456789abcdef', label: 'x', kdf: FLOOR, createdAt: now },
      replyKey: new Uint8Array(Buffer.from(reply.publicKey, 'base64')),
    };
    await expect(hsm.call('makeRecoverySlot', slot)).rejects.toMatchObject(LOGIN);
    await expect(hsm.call('makeRecoverySlot', { ...slot, session: await alice() })).resolves.toBeDefined();
    await set.commit({ users: (await reset(vault.recoveryText)).staged });
    expect(await hsm.call('viewUsers', {})).toEqual({ view: null, who: null });
    await expect(hsm.call('makeRecoverySlot', slot)).resolves.toBeDefined();
    await again();
    expect((await hsm.call('viewUsers', {})).view).toBeNull();
  });
});

describe('a quorum', () => {
  test('of two is asked before a recovery code is made, which could remove them all; for one code', async () => {
    await init();
    const alice = await login('alice');
    await add(alice, 'bob', 'crypto-officer');
    await quorum(alice, 'key', 2);
    const make = async () => {
      const reply = await createReplyKey();
      const made = await hsm.call('makeRecoverySlot', {
        ...{ id: '0123456789abcdef', label: 'x', kdf: FLOOR, createdAt: now, session: await alice() },
        replyKey: new Uint8Array(Buffer.from(reply.publicKey, 'base64')),
      });
      if (made.users !== null) await set.commit({ users: made.users.staged });
      return made;
    };
    await expect(make()).rejects.toMatchObject({ ...QUORUM, details: { service: 'user', required: 2 } });
    const asked = await token(alice, { do: 'make-recovery-code' });
    await approve(asked.id, 'alice');
    await expect(make()).rejects.toMatchObject(QUORUM);
    await approve(asked.id, 'bob');
    expect(await make()).toMatchObject({ by: 'alice' });
    await expect(make()).rejects.toMatchObject(QUORUM);
  });

  test('guards key material until so many officers have approved, once', async () => {
    await init();
    const alice = await login('alice');
    await add(alice, 'bob', 'crypto-officer');
    await expect(quorum(alice, 'key', 3)).rejects.toMatchObject({ code: 'InvalidInput' });
    await quorum(alice, 'key', 2);
    const [first, second] = [await key(), await key('RSA_2048', ['sign', 'verify'])];
    await expect(destroy(first)).rejects.toMatchObject({
      ...QUORUM,
      details: { service: 'key', required: 2, officers: 2 },
    });
    const asked = await token(alice, { do: 'destroy', target: 'both', objects: [first, second] });
    expect(new TextDecoder().decode(asked.message)).toContain('"target":"both","count":2,"labels":["AES_256 kms');
    await expect(destroy(first)).rejects.toThrow(`Token ${asked.id.slice(0, 8)} for it has 0`);
    await approve(asked.id, 'alice');
    await expect(approve(asked.id, 'alice')).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(destroy(first)).rejects.toMatchObject(QUORUM);
    await approve(asked.id, 'bob');
    await destroy(first);
    await expect(destroy(second)).rejects.toMatchObject(QUORUM);
    expect(set.rows.has(first.id)).toBe(false);
  });

  test('leaves what is no key material, or is over, alone', async () => {
    await init();
    await quorum(await login('alice'), 'key', 1);
    const ca = {
      class: 'private-key',
      spec: 'EC_P256',
      usage: ['sign'],
      extractable: false,
      label: 'Keyhold local CA',
      createdAt: now,
      policy: {},
    } as const;
    const { blob } = await hsm.call('generateObject', { id: 'ab'.repeat(16), attributes: { ...ca, usage: ['sign'] } });
    const row: RecordSealed = { id: 'ab'.repeat(16), kind: 'object', version: 1, sealed: blob };
    await set.commit({ put: [row] });
    await destroy(row);
    const expiring = await key('AES_256', ['encrypt'], now + 1000);
    await expect(destroy(expiring)).rejects.toMatchObject(QUORUM);
    now += 1000;
    await destroy(expiring);
  });

  test('takes signatures made elsewhere, RSA-2048 and P-256, over this token only', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const spki = (pair: { publicKey: typeof rsa.publicKey }) =>
      new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
    await expect(init('eve', spki(small))).rejects.toMatchObject({ code: 'InvalidInput' });
    await init('alice', spki(rsa));
    const alice = await login('alice');
    await add(alice, 'bob', 'crypto-officer', spki(ec));
    await quorum(alice, 'key', 2);
    const made = await key();
    const one = await token(alice, { do: 'destroy', target: 'k', objects: [made] });
    const other = await token(alice, { do: 'export', target: 'k', objects: [made] });
    const by = (user: string, pair: typeof rsa, message = one.message) =>
      hsm.call('approveQuorumToken', {
        id: one.id,
        user,
        proof: { signature: new Uint8Array(sign('sha256', message, pair.privateKey)) },
      });
    const wrong = { code: 'WrongSecret' };
    await expect(by('alice', ec)).rejects.toMatchObject(wrong);
    await expect(by('alice', rsa, other.message)).rejects.toMatchObject(wrong);
    await expect(
      hsm.call('approveQuorumToken', { id: one.id, user: 'alice', proof: { password: await pass('alice') } }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
    await set.commit({ users: (await by('alice', rsa)).staged });
    await set.commit({ users: (await by('bob', ec)).staged });
    await destroy(made);
  });

  test('is not met by expired tokens, nor by approvals of who has left', async () => {
    await init();
    const alice = await login('alice');
    await add(alice, 'bob', 'crypto-officer');
    await add(alice, 'dave', 'crypto-officer');
    await quorum(alice, 'key', 2);
    const made = await key();
    const act = { do: 'destroy' as const, target: 'k', objects: [made] };
    const late = await token(alice, act);
    await approve(late.id, 'alice');
    await approve(late.id, 'bob');
    now += 60_000;
    await expect(destroy(made)).rejects.toMatchObject(QUORUM);
    const removal = await token(alice, { do: 'remove-user', name: 'bob' });
    const next = await token(alice, act);
    await approve(next.id, 'bob');
    await approve(next.id, 'dave');
    for (const officer of ['alice', 'dave']) await approve(removal.id, officer);
    await change(alice, { do: 'remove-user', name: 'bob' });
    await expect(destroy(made)).rejects.toMatchObject(QUORUM);
    await approve(next.id, 'alice');
    await destroy(made);
  });

  test('for keys cannot be lowered, nor its officers be made, by one of them alone', async () => {
    await init();
    const alice = await login('alice');
    await add(alice, 'bob', 'crypto-officer');
    await quorum(alice, 'key', 2);
    await expect(quorum(alice, 'key', 0)).rejects.toMatchObject({
      ...QUORUM,
      details: { service: 'user', required: 2 },
    });
    await expect(add(alice, 'puppet', 'crypto-officer')).rejects.toMatchObject(QUORUM);
    await add(alice, 'carol', 'crypto-user');
    await expect(change(alice, { do: 'remove-user', name: 'bob' })).rejects.toMatchObject({ code: 'InUse' });
    await change(alice, { do: 'remove-user', name: 'carol' });
    const lower = await token(alice, { do: 'set-quorum', service: 'key', required: 1 });
    for (const officer of ['alice', 'bob']) await approve(lower.id, officer);
    await expect(quorum(alice, 'key', 0)).rejects.toMatchObject(QUORUM);
    await quorum(alice, 'key', 1);
    await expect(quorum(alice, 'key', 1)).rejects.toMatchObject(QUORUM);
  });

  test('is not asked for what could never be, nor by one user more than 16 times at once', async () => {
    await init();
    const alice = await login('alice');
    await add(alice, 'carol', 'crypto-user');
    await quorum(alice, 'user', 1);
    const act = { do: 'set-quorum' as const, service: 'user' as const, required: 0 };
    await expect(token(alice, { ...act, required: 2 })).rejects.toMatchObject({ code: 'InvalidInput' });
    const carol = await login('carol');
    const { id } = await token(carol, act);
    for (let asked = 1; asked < 16; asked += 1) await token(carol, act);
    await expect(token(carol, act)).rejects.toMatchObject({ code: 'InvalidInput' });
    await token(alice, act);
    const { staged } = await hsm.call('cancelQuorumToken', { session: await carol(), id });
    await set.commit({ users: staged });
    await token(carol, act);
  });

  test('is asked when a destruction is planned; what is kept after all needs it again', async () => {
    await init();
    const alice = await login('alice');
    await quorum(alice, 'key', 1);
    const made = await key();
    const plan = async (what: Partial<HsmInput<'guardDestruction'>>) => {
      const guarded = await hsm.call('guardDestruction', { now: [], later: [], kept: [], ...what });
      if (guarded !== null) await set.commit({ users: guarded.staged });
    };
    const released = async () => (await hsm.call('viewUsers', {})).view?.released;
    const approved = async () => approve((await token(await login('alice'), act)).id, 'alice');
    const act = { do: 'destroy' as const, target: 'k', objects: [made] };
    await expect(plan({ later: [made] })).rejects.toMatchObject(QUORUM);
    await approved();
    await plan({ later: [made] });
    expect(await released()).toBe(1);
    await again();
    await plan({ kept: [made.id] });
    expect(await released()).toBe(0);
    await expect(destroy(made)).rejects.toMatchObject(QUORUM);
    await approved();
    await plan({ later: [made] });
    await destroy(made);
    expect(await released()).toBe(0);
  });

  test('is asked before anything leaves, and once', async () => {
    await init();
    const alice = await login('alice');
    await quorum(alice, 'key', 1);
    const made = await key();
    await expect(hsm.call('guardExport', { objects: [made] })).rejects.toMatchObject(QUORUM);
    await approve((await token(alice, { do: 'destroy', target: 'k', objects: [made] })).id, 'alice');
    await expect(hsm.call('guardExport', { objects: [made] })).rejects.toMatchObject(QUORUM);
    await approve((await token(alice, { do: 'export', target: 'k', objects: [made] })).id, 'alice');
    const { transfer } = await hsm.call('beginAccountExport', {
      fileId: new Uint8Array(16),
      slotId: '0'.repeat(16),
      passphrase: await sealFor(hsm, 'passphrase', 'of a file'),
      kdf: FLOOR,
      createdAt: 1,
    });
    const { id, version, sealed: blob } = made;
    const leave = () => hsm.call('exportRecords', { transfer, records: [{ id, kind: 'object', version, blob }] });
    await expect(leave()).rejects.toMatchObject(QUORUM);
    const guarded = await hsm.call('guardExport', { objects: [made] });
    await expect(leave()).rejects.toMatchObject(QUORUM);
    await set.commit({ users: guarded?.staged ?? null });
    expect((await leave()).records).toHaveLength(1);
    await expect(hsm.call('guardExport', { objects: [made] })).rejects.toMatchObject(QUORUM);
  });
});

describe('a daemon that cheats', () => {
  async function guarded() {
    await init();
    const alice = await login('alice');
    await add(alice, 'bob', 'crypto-officer');
    const made = await key();
    const open = set.copy();
    await quorum(alice, 'key', 2);
    return { alice, made, open };
  }

  test.each([
    ['leaves the object out', {}, QUORUM],
    ['does not show what it removes', { hide: 'removed' as const }, QUORUM],
    ['does not show the page as it was', { hide: 'before' as const }, TAMPERED],
  ])('%s: no MAC for it', async (_, more, refused) => {
    const { made } = await guarded();
    await expect(set.commit({ remove: [made.id], ...more })).rejects.toMatchObject(refused);
  });

  test('puts garbage in the place of an object: no MAC for it', async () => {
    const { made } = await guarded();
    const broken = { ...made, version: 2, sealed: new Uint8Array(made.sealed).fill(7, -16) };
    await expect(set.commit({ put: [broken] })).rejects.toMatchObject(QUORUM);
  });

  test('uses an approval that it has not committed: no MAC for it', async () => {
    const { alice, made } = await guarded();
    const asked = await token(alice, { do: 'destroy', target: 'k', objects: [made] });
    for (const officer of ['alice', 'bob']) await approve(asked.id, officer);
    await hsm.call('guardDestruction', { now: [made], later: [], kept: [] });
    await expect(set.commit({ remove: [made.id] })).rejects.toMatchObject(QUORUM);
  });

  test('goes back to the set before the quorum: the HSM stops', async () => {
    const { made, open } = await guarded();
    await set.commit({});
    await expect(open.commit({ remove: [made.id] })).rejects.toMatchObject(TAMPERED);
    await expect(hsm.call('random', { length: 1 })).rejects.toMatchObject(TAMPERED);
  });

  test('removes the users, or puts an older record of them: no MAC for it', async () => {
    const { alice, open } = await guarded();
    const refused = { code: 'InvalidInput' };
    await expect(set.commit({ users: null })).rejects.toMatchObject(refused);
    const old = open.rows.get(USERS_ID);
    if (old === undefined) throw new Error('no users');
    await expect(set.commit({ users: { version: old.version, blob: old.sealed } })).rejects.toMatchObject(refused);
    await expect(add(alice, 'carol', 'crypto-user')).resolves.toBeUndefined();
  });

  test('leaves out a key-encryption key: the HSM stops', async () => {
    await guarded();
    const { keks } = set.head;
    set.head = { ...set.head, keks: keks.filter(({ purpose }) => purpose !== 'objects') };
    await expect(set.commit({})).rejects.toMatchObject({ ...TAMPERED, details: { findings: [{ where: 'keks' }] } });
  });

  test('puts in a key-encryption key of its own, also before there is a quorum: the HSM stops', async () => {
    await init();
    const { keks } = set.head;
    const [first] = keks;
    if (first === undefined) throw new Error('no keks');
    set.head = { ...set.head, keks: [...keks, { ...first, id: 3 }] };
    await expect(set.commit({})).rejects.toMatchObject({ ...TAMPERED, details: { findings: [{ where: 'keks' }] } });
  });

  test('uses what an officer has sealed once more, for something else: refused', async () => {
    const { alice, made } = await guarded();
    const stale = { code: 'StaleSealKey' };
    const session = await alice();
    await hsm.call('viewUsers', { session });
    const act = { do: 'destroy' as const, target: 'k', objects: [made] };
    const wanted = { id: 'ab'.repeat(16), act, expiresAt: now + 1000 };
    await expect(hsm.call('createQuorumToken', { ...wanted, session })).rejects.toMatchObject(stale);
    const { id } = await token(alice, act);
    const password = await pass('alice');
    const reply = await createReplyKey();
    const replyKey = new Uint8Array(Buffer.from(reply.publicKey, 'base64'));
    await hsm.call('hsmLogin', { name: 'alice', password, replyKey });
    await expect(hsm.call('approveQuorumToken', { id, user: 'alice', proof: { password } })).rejects.toMatchObject(
      stale,
    );
  });

  test('says that a commit was not written: the next one follows the one before', async () => {
    const { alice, made } = await guarded();
    const asked = await token(alice, { do: 'destroy', target: 'k', objects: [made] });
    for (const officer of ['alice', 'bob']) await approve(asked.id, officer);
    const allowed = await hsm.call('guardDestruction', { now: [made], later: [], kept: [] });
    await set.commit({ remove: [made.id], ...(allowed === null ? {} : { users: allowed.staged }) }, { write: false });
    await set.commit({});
    expect((await hsm.call('viewUsers', {})).view?.tokens).toHaveLength(1);
    await destroy(made);
    expect((await hsm.call('viewUsers', {})).view?.tokens).toHaveLength(0);
  });

  test('does not show the users after an unlock: nothing is committed', async () => {
    await guarded();
    const stored = set.copy();
    await hsm.kill();
    hsm = start();
    await unlockWith(hsm, vault, { factor: 'password', text: vault.password }, stored.head, stored.headMac);
    set = rebind(stored);
    await expect(set.commit({})).rejects.toMatchObject({ code: 'Internal' });
  });

  test.each([
    ['no record', 'deleted', (users: HsmInput<'openUsers'>) => ({ ...users, record: null })],
    [
      'an edited record',
      'edited',
      ({ entries, record }: HsmInput<'openUsers'>) => {
        const sealed = new Uint8Array(record?.sealed ?? []);
        sealed[80] = (sealed[80] ?? 0) ^ 1;
        return { entries, record: { version: record?.version ?? 1, sealed } };
      },
    ],
    [
      'an older record',
      'rolled back',
      ({ entries, record }: HsmInput<'openUsers'>) => ({
        entries,
        record: { version: (record?.version ?? 2) - 1, sealed: record?.sealed ?? new Uint8Array() },
      }),
    ],
    ['an empty page', 'rolled back', () => ({ entries: new Uint8Array(), record: null })],
  ])('shows %s after an unlock: the HSM stops with “%s”', async (_, what, cheat) => {
    await guarded();
    const stored = set.copy();
    await hsm.kill();
    hsm = start();
    await unlockWith(hsm, vault, { factor: 'password', text: vault.password }, stored.head, stored.headMac);
    await expect(hsm.call('openUsers', cheat(stored.users()))).rejects.toMatchObject({
      ...TAMPERED,
      details: { findings: [{ where: 'record hsmUsers', what }] },
    });
    await expect(hsm.call('random', { length: 1 })).rejects.toMatchObject(TAMPERED);
  });
});
