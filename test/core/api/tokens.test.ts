import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { methods, type Params } from '../../../src/contract/methods.ts';
import { clusterIdOf } from '../../../src/core/tokens/cluster-id.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { hasPkcs11Tool, PIN, SoftHsm, whyNoSoftHsm } from '../../support/softhsm.ts';

const reason = whyNoSoftHsm();
if (reason !== null) console.warn(`The tests of PKCS#11 tokens in the vault are skipped: ${reason}.`);

const utf8 = (text: string) => new TextEncoder().encode(text);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.skipIf(reason !== null)('PKCS#11 tokens in the vault', () => {
  let soft: SoftHsm;
  let core: TestCore;

  beforeAll(() => {
    soft = new SoftHsm();
    for (const label of ['lab', 'other', 'fragile']) soft.init(label);
  });
  afterAll(() => soft?.dispose());
  beforeEach(async () => {
    core = startTestCore();
    await core.create();
  });
  afterEach(() => core.dispose());

  const add = (more: Partial<Omit<Params<'token.add'>, 'pin'>> = {}, pin = PIN, actor: 'cli' | 'app' | 'web' = 'cli') =>
    core.as(actor).callSealed('token.add', async (seal) => ({
      name: 'lab',
      module: soft.library,
      environment: soft.environment,
      label: 'lab',
      ...more,
      pin: await seal('token-pin', utf8(pin)),
    }));
  const session = () => core.running.core.session();
  const backend = async (name: string) => {
    const { tokens } = await core.client.call('token.list', {});
    const id = tokens.find((one) => one.name === name)?.id ?? '';
    return session().tokens.backend(id);
  };

  test('a token is added after one login, listed, tried out and removed, and the log says so', async () => {
    const added = await add();
    expect(added).toMatchObject({
      name: 'lab',
      label: 'lab',
      serial: expect.stringMatching(/^[0-9a-f]{16}$/),
      clusterId: expect.stringMatching(/^cluster-[a-z2-7]{11}$/),
      keyStores: [],
      connection: { state: 'idle' },
    });
    const tested = await core.client.call('token.test', { name: 'LAB' });
    expect(tested).toMatchObject({
      aesGcm: { ok: true },
      facts: { model: 'SoftHSM v2' },
      token: { connection: { state: 'ready', module: { manufacturer: 'SoftHSM' }, facts: { label: 'lab' } } },
    });
    expect(tested.mechanisms).toContain('CKM_ECDSA');
    const { tokens } = await core.client.call('token.list', {});
    expect(tokens).toEqual([tested.token]);
    await core.client.call('token.remove', { name: 'lab' });
    expect(await core.client.call('token.list', {})).toEqual({ tokens: [] });
    const { entries } = await core.client.call('audit.list', {});
    expect(entries.map(({ event }) => event.action)).toEqual(expect.arrayContaining(['token.add', 'token.remove']));
    expect(JSON.stringify([entries, core.logged, core.events])).not.toContain(PIN);
  });

  test('what the KMS needs: keys by id, encrypted and decrypted, signed with, and lost to nobody by a lock', async () => {
    await add();
    const token = await backend('lab');
    const keyId = 'a1'.repeat(16);
    const pairId = 'a2'.repeat(16);
    const aad = utf8('context');
    await token.generateKey({ keyId, spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', label: 'kms' });
    await token.generateKey({ keyId: pairId, spec: 'EC_P256', usage: 'SIGN_VERIFY', label: 'kms pair' });
    const { ciphertext } = await token.encrypt({ keyId, aad, plaintext: utf8('hello') });
    const toSign = { keyId: pairId, algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message: aad } as const;
    const { signature } = await token.sign(toSign);
    expect(await token.verify({ ...toSign, signature })).toEqual({ valid: true });
    if (hasPkcs11Tool) {
      expect(soft.objects('lab', keyId)[0]).toMatch(/sensitive, always sensitive, never extractable, local/);
    }
    const connection = token.connection();
    if (connection.state !== 'ready') throw new Error('not connected');
    const pid = connection.pid ?? 0;
    expect(isAlive(pid)).toBe(true);

    await core.client.call('vault.lock', {});
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    await expect(token.decrypt({ keyId, aad, ciphertext })).rejects.toMatchObject({ code: 'Locked' });
    await core.unlock();

    const again = await backend('lab');
    expect(await again.decrypt({ keyId, aad, ciphertext })).toEqual({ plaintext: utf8('hello') });
    await again.disconnect();
    expect(again.connection()).toEqual({ state: 'idle' });
    expect(await again.look()).toMatchObject({ label: 'lab' });
    expect(await again.decrypt({ keyId, aad, ciphertext })).toEqual({ plaintext: utf8('hello') });
    await again.destroyKey({ keyId });
    expect(await again.findKey({ keyId })).toEqual({ key: null });
    const found = await session().tokens.byClusterId(clusterIdOf(again.id));
    expect(found?.value.name).toBe('lab');
    expect(await session().tokens.byClusterId('cluster-aaaaaaaaaaa')).toBeUndefined();
  });

  test('a process that is killed under the daemon is replaced, and nothing else ends', async () => {
    await add();
    const token = await backend('lab');
    await token.look();
    const first = token.connection();
    if (first.state !== 'ready') throw new Error('not connected');
    const keyId = 'a3'.repeat(16);
    const making = token.generateKey({ keyId, spec: 'RSA_4096', usage: 'SIGN_VERIFY', label: 'never finished' });
    process.kill(first.pid ?? 0, 'SIGKILL');
    await expect(making).rejects.toMatchObject({ code: 'TokenUnavailable' });
    expect(await token.random({ length: 8 })).toMatchObject({ bytes: expect.any(Uint8Array) });
    expect(token.connection()).not.toMatchObject({ pid: first.pid });
    expect(core.running.status().state).toBe('unlocked');
    expect(core.spawned()).toBe(1);
  });

  test('a wrong PIN adds nothing; one that is wrong later is not tried again, restart or not, until a new one is entered', async () => {
    await expect(add({}, 'wrong1')).rejects.toMatchObject({
      code: 'TokenPinRefused',
      details: { ckr: 'CKR_PIN_INCORRECT' },
    });
    expect(await core.client.call('token.list', {})).toEqual({ tokens: [] });
    await add({ name: 'other', label: 'other' });
    const change = (from: string, to: string) =>
      soft.tool('--token-label', 'other', '--login', '--pin', from, '--change-pin', '--new-pin', to);
    if (!hasPkcs11Tool) return;
    expect(change(PIN, '111222')).toContain('PIN successfully changed');
    await expect((await backend('other')).random({ length: 1 })).rejects.toMatchObject({ code: 'TokenPinRefused' });
    await expect
      .poll(async () => (await core.client.call('audit.list', {})).entries.map(({ event }) => event.action))
      .toContain('token.pin-refused');
    expect(core.events).toContainEqual({
      type: 'notice',
      level: 'warning',
      message: expect.stringContaining('The token other: The token says that the PIN is wrong'),
    });
    await core.restart();
    await core.unlock();
    expect(await core.client.call('token.status', { name: 'other' })).toMatchObject({
      connection: { state: 'refused', message: expect.stringContaining('refused its PIN before') },
    });
    await expect((await backend('other')).random({ length: 1 })).rejects.toMatchObject({ code: 'TokenPinRefused' });
    const setPin = (pin: string) =>
      core.client.callSealed('token.setPin', async (seal) => ({
        name: 'other',
        pin: await seal('token-pin', utf8(pin)),
      }));
    await expect(setPin('333444')).rejects.toMatchObject({ code: 'TokenPinRefused' });
    expect(await setPin('111222')).toMatchObject({ connection: { state: 'idle' } });
    expect((await (await backend('other')).random({ length: 1 })).bytes).toHaveLength(1);
    change('111222', PIN);
    await setPin(PIN);
    await core.client.call('token.test', { name: 'other' });
  });

  test('a token that is deleted is away; one made in its place is not taken for it, and never gets its PIN', async () => {
    await add({ name: 'fragile', label: 'fragile' });
    const token = await backend('fragile');
    const keyId = 'a4'.repeat(16);
    await token.generateKey({ keyId, spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', label: '' });
    const encrypt = () => token.encrypt({ keyId, aad: utf8(''), plaintext: utf8('x') });
    await encrypt();
    soft.delete('fragile');
    await expect(core.client.call('token.test', { name: 'fragile' })).rejects.toMatchObject({
      code: 'TokenUnavailable',
      message: expect.stringContaining('no token labelled fragile'),
    });
    await expect(encrypt()).rejects.toMatchObject({
      code: 'TokenUnavailable',
      message: expect.stringContaining('no token labelled fragile'),
    });
    soft.init('fragile', '999999');
    await expect(core.client.call('token.test', { name: 'fragile' })).rejects.toMatchObject({
      code: 'TokenUnavailable',
      message: expect.stringContaining('it is another one'),
    });
    const { tokens } = await core.client.call('token.inspect', { module: soft.library, environment: soft.environment });
    // No login was tried on it.
    expect(tokens.find(({ label }) => label === 'fragile')).toMatchObject({ pin: 'ok' });
    await core.client.call('token.remove', { name: 'fragile' });
    const added = await add({ name: 'fragile', label: 'fragile' }, '999999');
    expect(added.serial).not.toBeNull();
    await expect(
      (await backend('fragile')).encrypt({ keyId, aad: utf8(''), plaintext: utf8('x') }),
    ).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  test('only the command line names a module, because a module is code', async () => {
    for (const actor of ['app', 'web'] as const) {
      await expect(add({}, PIN, actor)).rejects.toMatchObject({ code: 'Unauthorized' });
      await expect(core.as(actor).call('token.inspect', { module: soft.library })).rejects.toMatchObject({
        code: 'Unauthorized',
      });
    }
    const inspected = await core.client.call('token.inspect', { module: soft.library, environment: soft.environment });
    expect(inspected.module.manufacturer).toBe('SoftHSM');
    expect(inspected.tokens.map(({ label }) => label)).toContain('lab');
    const { modules } = await core.client.call('token.modules', {});
    if (process.env['SOFTHSM2_LIBRARY'] === undefined)
      expect(modules).toContainEqual({ vendor: 'SoftHSM2', path: soft.library });
  });

  test.each([
    ['relative', 'lib/softhsm.so', 'the whole path'],
    ['missing', '/nonexistent/softhsm.so', 'there is no file'],
    ['a folder', '/usr/lib', 'is not a file'],
  ])('a module that is %s is refused before anything is started', async (_, module, message) => {
    await expect(add({ module })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining(message),
    });
  });

  test('a module that everybody can change, garbage, and variables that are for us are refused', async () => {
    const folder = join(core.home, 'modules');
    mkdirSync(folder);
    const open = join(folder, 'open.so');
    copyFileSync(soft.library, open);
    chmodSync(open, 0o666);
    await expect(add({ module: open })).rejects.toMatchObject({
      message: expect.stringContaining('every user can change'),
    });
    const garbage = join(folder, 'garbage.so');
    writeFileSync(garbage, 'not a library');
    await expect(add({ module: garbage })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining(garbage),
    });
    for (const name of ['NODE_OPTIONS', 'LD_PRELOAD', 'ELECTRON_RUN_AS_NODE']) {
      await expect(add({ environment: { [name]: 'x' } })).rejects.toMatchObject({
        message: expect.stringContaining(name),
      });
    }
    await expect(add({ environment: { 'A B': 'x' } })).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('names and tokens are in the vault once', async () => {
    await add();
    await expect(add({ label: 'other' })).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(add({ name: 'again' })).rejects.toMatchObject({
      code: 'AlreadyExists',
      message: expect.stringContaining('as lab'),
    });
    expect((await core.client.call('token.list', {})).tokens).toHaveLength(1);
  });

  test('a token with a custom key store on it is not removed', async () => {
    const { id, clusterId } = await add();
    await core.client.call('account.add', { name: 'local', accountId: '123456789012', kind: 'local' });
    const account = (await session().need('account')).byName('account', 'local').id;
    await session().write(
      'daemon',
      (draft) => {
        draft.put('kmsKeyStore', 'ef'.repeat(16), {
          account,
          region: 'us-east-1',
          storeId: 'cks-1234567890abcdef0',
          name: 'store',
          createdAt: 1,
          connected: false,
          backing: { type: 'AWS_CLOUDHSM', clusterId },
        });
        return () => undefined;
      },
      ['kmsKeyStore'],
    );
    expect(await core.client.call('token.status', { name: 'lab' })).toMatchObject({ id, keyStores: ['store'] });
    await expect(core.client.call('token.remove', { name: 'lab' })).rejects.toMatchObject({ code: 'InUse' });
  });

  test('no answer of the contract has a place for a PIN', () => {
    for (const name of ['token.list', 'token.add', 'token.status', 'token.test', 'token.setPin'] as const) {
      const keys = JSON.stringify(methods[name].output.toJSONSchema());
      expect(keys, name).not.toContain('Sealed');
      expect(keys).not.toMatch(/"pin":\{"type":"string"\}/);
    }
  });
});
