import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import { OPERATIONS } from '../../../src/core/hsm/operations.ts';
import type {
  Gate,
  HsmInput,
  HsmOperation,
  KmsSpec,
  LostKey,
  ObjectAttributes,
  ObjectRef,
  RecordSealed,
} from '../../../src/core/hsm/protocol.ts';
import {
  createTestVault,
  emptyHead,
  replyKey,
  sealFor,
  startTestHsm,
  type TestVault,
  unlockWith,
} from '../../support/hsm.ts';
import { type SoftAnswer, type SoftSecurityKey, softSecurityKey } from '../../support/soft-security-key.ts';

const EACH: Gate = { withinSeconds: 0, keys: 'any' };
const QUARTER: Gate = { withinSeconds: 900, keys: 'any' };
const scope = { date: '20260101', region: 'eu-central-1', service: 's3' };
const newId = (): string => randomBytes(16).toString('hex');

let tick = 0;
let hsm: HsmClient;
let vault: TestVault;
let soft: SoftSecurityKey;
let enrolled: RecordSealed[];

async function enrol(key: SoftSecurityKey, others: RecordSealed[] = []): Promise<RecordSealed> {
  const input = {
    label: 'blue',
    createdAt: 1,
    authenticatorData: key.registration(),
    guarded: others.length > 0,
    enrolled: others,
  };
  const { attributes, blob } = await hsm.call('enrolSecurityKey', input);
  return { id: attributes.id, kind: 'object', version: 1, sealed: blob };
}

beforeEach(async () => {
  tick = 1000;
  hsm = startTestHsm({ clock: { now: () => 1_700_000_000_000 + tick, monotonic: () => tick } });
  vault = await createTestVault(hsm);
  soft = softSecurityKey();
  enrolled = [await enrol(soft)];
});

async function object(
  attributes: Partial<Omit<ObjectAttributes, 'id'>> & { spec: ObjectAttributes['spec'] },
): Promise<ObjectRef> {
  const id = newId();
  const { blob } = await hsm.call('generateObject', {
    id,
    attributes: {
      class: 'secret-key',
      usage: [],
      extractable: false,
      label: 'x',
      createdAt: 1,
      policy: {},
      ...attributes,
    },
  });
  return { id, version: 1, blob };
}

function clientSecret(mfa: Gate | undefined): Promise<ObjectRef> {
  return object({
    spec: 'CLIENT_SECRET_KEY',
    usage: ['sigv4'],
    extractable: true,
    policy: mfa === undefined ? {} : { mfa },
  });
}

/** The refusal of a call that wants a touch. */
async function wanted(call: Promise<unknown>): Promise<{ use: string; object: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof KeyholdError) || error.code !== 'TouchRequired') throw error ?? new Error('it was allowed');
  return { use: String(error.details?.['use']), object: String(error.details?.['object']) };
}

async function challengeFor(call: Promise<unknown>, keys = enrolled) {
  const { use } = await wanted(call);
  return hsm.call('touchChallenge', { use, keys });
}

async function touch(call: Promise<unknown>, change: (answer: SoftAnswer) => SoftAnswer = (answer) => answer) {
  const { challenge, clientDataHash } = await challengeFor(call);
  return hsm.call('presentTouch', { challenge, ...change(soft.touch(clientDataHash)) });
}

const sign = (key: ObjectRef, stringToSign = 'x') => hsm.call('sigv4Sign', { key, scope, stringToSign });

describe('a touch to try a key', () => {
  const tried = async (count?: number) => {
    const { challenge, clientDataHash } = await hsm.call('touchChallenge', { use: null, keys: enrolled });
    return hsm.call('presentTouch', { challenge, ...soft.touch(clientDataHash, count === undefined ? {} : { count }) });
  };

  test('allows nothing, and is not asked for by what wants one', async () => {
    const [each, window] = [await clientSecret(EACH), await clientSecret(QUARTER)];
    await wanted(sign(each));
    await wanted(sign(window));
    expect(await tried()).toMatchObject({ key: enrolled[0]?.id, userVerified: false });
    await wanted(sign(each));
    await wanted(sign(window));
    expect(await hsm.call('lastTouch', { key: each })).toEqual({ touch: null });
  });

  test('has the counter of all the others, so that a copy is noticed by either', async () => {
    const { signCount, renewed } = await tried(7);
    expect({ signCount, renewed }).toMatchObject({ signCount: 7, renewed: { version: 2 } });
    const key = await clientSecret(EACH);
    await expect(touch(sign(key), (answer) => answer)).rejects.toMatchObject({ details: { finding: 'cloned' } });
    await expect(tried(6)).rejects.toMatchObject({ details: { finding: 'cloned' } });
    await expect(tried(8)).resolves.toMatchObject({ signCount: 8 });
  });
});

describe('a gate for each use', () => {
  test('allows exactly what was touched for, once', async () => {
    const key = await clientSecret(EACH);
    await touch(sign(key));
    await wanted(sign(key, 'something else'));
    await expect(sign(key)).resolves.toHaveProperty('signature');
    await wanted(sign(key));
    expect(await hsm.call('lastTouch', { key })).toEqual({ touch: { key: enrolled[0]?.id, agoMs: 0 } });
  });

  test('is for its own object', async () => {
    const [one, other] = [await clientSecret(EACH), await clientSecret(EACH)];
    await touch(sign(one));
    await wanted(sign(other));
  });

  test('allows within a minute', async () => {
    const key = await clientSecret(EACH);
    await touch(sign(key));
    tick += 60_000;
    await wanted(sign(key));
  });

  test('is continued by the chunks of the body that was signed for', async () => {
    const key = await clientSecret(EACH);
    await touch(sign(key));
    const { signature } = await sign(key);
    const chunks = (previousSignature: string) =>
      hsm.call('sigv4SignChunks', {
        ...{ key, scope, timestamp: '20260101T000000Z', previousSignature },
        chunkHashes: ['cd'.repeat(32)],
      });
    await wanted(chunks('ab'.repeat(32)));
    const { signatures } = await chunks(signature);
    await wanted(chunks(signature));
    await chunks(signatures[0] ?? '');
  });

  test('asks for both ends of a ReEncrypt', async () => {
    const [source, destination] = await Promise.all(
      [1, 2].map(() => object({ spec: 'AES_256', usage: ['encrypt', 'decrypt'] })),
    );
    if (source === undefined || destination === undefined) throw new Error('no keys');
    const aad = new Uint8Array();
    const { ciphertext } = await hsm.call('kmsEncrypt', { key: source, aad, plaintext: new Uint8Array(3) });
    const gated = await Promise.all(
      [source, destination].map(async (key) => {
        const { blob, version } = await hsm.call('updateObject', { key, policy: { mfa: EACH } });
        return { id: key.id, version, blob };
      }),
    );
    const [from, to] = gated;
    if (from === undefined || to === undefined) throw new Error('no keys');
    const move = () =>
      hsm.call('kmsReEncrypt', {
        source: { key: from, algorithm: 'SYMMETRIC_DEFAULT', aad, ciphertext },
        destination: { key: to, algorithm: 'SYMMETRIC_DEFAULT', aad },
      });
    await touch(move());
    await touch(move());
    await expect(move()).resolves.toHaveProperty('ciphertext');
    await wanted(move());
  });
});

describe('a gate with a window', () => {
  test('is open for its time after a touch, and not a moment longer', async () => {
    const key = await clientSecret(QUARTER);
    await touch(sign(key));
    tick += 899_999;
    await sign(key, 'anything');
    tick += 1;
    await wanted(sign(key, 'anything'));
  });

  test('is closed by the lock', async () => {
    const key = await clientSecret(QUARTER);
    await touch(sign(key));
    await sign(key, 'y');
    const head = emptyHead(vault);
    const { headMac } = await hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head });
    // The same vault, as the next process has it.
    hsm = startTestHsm({ clock: { now: () => 1_700_000_000_000 + tick, monotonic: () => tick } });
    await unlockWith(hsm, vault, { factor: 'password', text: vault.password }, head, headMac);
    await wanted(sign(key));
    await touch(sign(key));
    await sign(key);
  });

  test('is closed when the key that opened it is removed, and so is all else that the key could do', async () => {
    const [key, each] = [await clientSecret(QUARTER), await clientSecret(EACH)];
    await touch(sign(key));
    await touch(sign(each));
    const { challenge, clientDataHash } = await challengeFor(sign(each, 'y'));
    await hsm.call('forgetKey', { id: enrolled[0]?.id ?? '' });
    await wanted(sign(key));
    await wanted(sign(each));
    const late = hsm.call('presentTouch', { challenge, ...soft.touch(clientDataHash) });
    await expect(late).rejects.toMatchObject({ code: 'HsmRefused' });
    await expect(challengeFor(sign(key))).rejects.toMatchObject({ code: 'HsmRefused' });
  });

  test('opens by the keys that it names alone', async () => {
    const other = softSecurityKey();
    const mine = enrolled[0];
    if (mine === undefined) throw new Error('no key');
    const adding = {
      ...{ label: 'red', createdAt: 1, authenticatorData: other.registration(), guarded: true, enrolled },
    };
    await touch(hsm.call('enrolSecurityKey', adding));
    const { attributes, blob } = await hsm.call('enrolSecurityKey', adding);
    const both: RecordSealed[] = [mine, { id: attributes.id, kind: 'object', version: 1, sealed: blob }];
    const key = await clientSecret({ withinSeconds: 900, keys: [attributes.id] });
    const { challenge, clientDataHash, credentials } = await challengeFor(sign(key), both);
    expect(credentials).toEqual([{ key: attributes.id, credentialId: other.credentialId }]);
    await expect(hsm.call('presentTouch', { challenge, ...soft.touch(clientDataHash) })).rejects.toMatchObject({
      code: 'HsmRefused',
    });
    await expect(challengeFor(sign(key), [mine])).rejects.toMatchObject({ code: 'HsmRefused' });
    const again = await challengeFor(sign(key), both);
    await hsm.call('presentTouch', { challenge: again.challenge, ...other.touch(again.clientDataHash) });
    await sign(key);
  });
});

describe('a touch', () => {
  const cases: [string, (answer: SoftAnswer) => SoftAnswer][] = [
    ['another signature', (answer) => ({ ...answer, signature: soft.touch(new Uint8Array(32)).signature })],
    ['a signature that is none', (answer) => ({ ...answer, signature: new Uint8Array(70) })],
    [
      'one flipped bit',
      (answer) => ({ ...answer, authenticatorData: answer.authenticatorData.map((b, i) => (i === 36 ? b ^ 1 : b)) }),
    ],
    ['more data', (answer) => ({ ...answer, authenticatorData: new Uint8Array([...answer.authenticatorData, 0]) })],
    ['another credential', (answer) => ({ ...answer, credentialId: new Uint8Array(24) })],
  ];
  test.each(cases)('with %s is refused, and its challenge with it', async (_what, change) => {
    const key = await clientSecret(EACH);
    await expect(touch(sign(key), change)).rejects.toMatchObject({ code: 'HsmRefused' });
    await wanted(sign(key));
  });

  test.each([
    ['of another relying party', { rpHash: Buffer.alloc(32) }],
    ['without a finger', { flags: 0x04 }],
  ])('%s is refused', async (_what, change) => {
    const key = await clientSecret(EACH);
    const { challenge, clientDataHash } = await challengeFor(sign(key));
    await expect(hsm.call('presentTouch', { challenge, ...soft.touch(clientDataHash, change) })).rejects.toMatchObject({
      code: 'HsmRefused',
    });
  });

  test('answers one challenge, once, in time', async () => {
    const key = await clientSecret(EACH);
    const first = await challengeFor(sign(key));
    const second = await challengeFor(sign(key, 'y'));
    await expect(
      hsm.call('presentTouch', { challenge: second.challenge, ...soft.touch(first.clientDataHash) }),
    ).rejects.toMatchObject({ code: 'HsmRefused' });
    const answer = soft.touch(first.clientDataHash);
    await hsm.call('presentTouch', { challenge: first.challenge, ...answer });
    await expect(hsm.call('presentTouch', { challenge: first.challenge, ...answer })).rejects.toMatchObject({
      code: 'HsmRefused',
    });
    const late = await challengeFor(sign(key, 'z'));
    tick += 60_000;
    await expect(
      hsm.call('presentTouch', { challenge: late.challenge, ...soft.touch(late.clientDataHash) }),
    ).rejects.toMatchObject({ code: 'HsmRefused' });
  });

  test('with a counter that goes back tells of a copy', async () => {
    const key = await clientSecret(EACH);
    soft.count = 9;
    const { renewed } = await touch(sign(key));
    expect(renewed?.version).toBe(2);
    const { challenge, clientDataHash } = await challengeFor(sign(key, 'y'));
    await expect(
      hsm.call('presentTouch', { challenge, ...soft.touch(clientDataHash, { count: 10 }) }),
    ).rejects.toMatchObject({ code: 'HsmRefused', details: { finding: 'cloned' } });
  });

  test('of a key without a counter is taken', async () => {
    soft = softSecurityKey({ counts: false });
    const key = await clientSecret(EACH);
    enrolled = [await enrol(soft)];
    expect((await touch(sign(key))).renewed).toBeNull();
    await touch(sign(key, 'y'));
  });

  test('is not asked for what was not refused', async () => {
    await expect(hsm.call('touchChallenge', { use: 'ab'.repeat(32), keys: enrolled })).rejects.toMatchObject({
      code: 'HsmRefused',
    });
  });
});

describe('a gate is loosened', () => {
  const lostKey = async (text = vault.recoveryText): Promise<LostKey> => ({
    secret: { factor: 'recovery-code', sealed: await sealFor(hsm, 'recovery-code', text) },
    slots: vault.slots,
  });

  test.each<[string, HsmInput<'updateObject'>['policy']]>([
    ['taken away', {}],
    ['made longer', { mfa: { withinSeconds: 901, keys: 'any' } }],
  ])('by its own key, touched for that: %s', async (_how, policy) => {
    const key = await clientSecret(QUARTER);
    await touch(sign(key));
    // The window is open, and not enough.
    const loosen = () => hsm.call('updateObject', { key, ...(policy === undefined ? {} : { policy }) });
    await touch(loosen());
    expect((await loosen()).attributes.policy).toEqual(policy);
  });

  test('and a touch for that is no use of the object: its window stays closed', async () => {
    const key = await clientSecret(QUARTER);
    const record: RecordSealed = { id: key.id, kind: 'object', version: 1, sealed: key.blob ?? new Uint8Array() };
    const admitted = { act: 'remove-security-key' as const, target: key.id, guarded: true, enrolled };
    const loosenings = [
      () => hsm.call('updateObject', { key, policy: {} }),
      () => hsm.call('setGate', { objects: [record], gate: null }),
      () => hsm.call('admitWithTouch', admitted),
    ];
    for (const loosen of loosenings) {
      await touch(loosen());
      await loosen();
      await wanted(sign(key));
    }
  });

  test('or by the recovery code', async () => {
    const key = await clientSecret(EACH);
    const { blob, version } = await hsm.call('updateObject', { key, policy: {}, lostKey: await lostKey() });
    await sign({ id: key.id, version, blob });
  });

  test('not by a password, nor by a wrong recovery code', async () => {
    const key = await clientSecret(EACH);
    const secret = { factor: 'password', sealed: await sealFor(hsm, 'password', vault.password) };
    const asCode = { secret, slots: vault.slots } as unknown as LostKey;
    await expect(hsm.call('updateObject', { key, policy: {}, lostKey: asCode })).rejects.toMatchObject({
      code: 'HsmRefused',
    });
    const wrong = await lostKey(vault.recoveryText.replace(/^..../, 'AAAA'));
    await expect(hsm.call('updateObject', { key, policy: {}, lostKey: wrong })).rejects.toMatchObject({
      code: 'WrongSecret',
    });
    await wanted(sign(key));
  });

  test('tightened by anyone', async () => {
    const key = await clientSecret(QUARTER);
    const keys = enrolled.map(({ id }) => id);
    await hsm.call('updateObject', { key, policy: { mfa: { withinSeconds: 900, keys } } });
    await hsm.call('updateObject', { key, label: 'y' });
  });

  test('not by showing the object as it was before', async () => {
    const before = await clientSecret(undefined);
    const record: RecordSealed = { id: before.id, kind: 'object', version: 1, sealed: before.blob ?? new Uint8Array() };
    const [gated] = (await hsm.call('setGate', { objects: [record], gate: EACH })).objects;
    if (gated === undefined) throw new Error('no object');
    await hsm.call('objectInfo', { key: gated });
    const older = [
      () => sign(before),
      () => hsm.call('setGate', { objects: [record], gate: null }),
      () => hsm.call('updateObject', { key: before, label: 'y' }),
    ];
    for (const use of older) await expect(use()).rejects.toMatchObject({ code: 'HsmRefused' });
    await wanted(sign(gated));
    // Once the gate is away, no version is worth more than another: an account may come back from its file.
    const open = () => hsm.call('updateObject', { key: gated, policy: {} });
    await touch(open());
    await open();
    await sign(before);
  });

  test('not by a key that takes the id of another: the HSM chooses it', async () => {
    const input = { label: 'x', createdAt: 1, authenticatorData: soft.registration(), guarded: false, enrolled: [] };
    const made = await Promise.all([1, 2].map(() => hsm.call('enrolSecurityKey', input)));
    expect(new Set(made.map(({ attributes }) => attributes.id)).size).toBe(2);
    const chosen = { ...input, id: newId() };
    await expect(hsm.call('enrolSecurityKey', chosen)).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('nobody adds a key without one that is there', async () => {
    const mine = softSecurityKey();
    await wanted(enrol(mine, enrolled));
    const input = { label: 'x', createdAt: 1, authenticatorData: mine.registration(), guarded: true };
    await hsm.call('enrolSecurityKey', { ...input, enrolled, lostKey: await lostKey() });
  });

  test('once the last key is gone, by the recovery code alone', async () => {
    const authenticatorData = softSecurityKey().registration();
    const adding = { label: 'x', createdAt: 1, authenticatorData, guarded: true, enrolled: [] };
    await expect(hsm.call('enrolSecurityKey', adding)).rejects.toMatchObject({ code: 'TouchRequired' });
    const making = { act: 'make-recovery-code' as const, target: newId(), guarded: true, enrolled: [] };
    await expect(hsm.call('admitWithTouch', making)).rejects.toMatchObject({ code: 'TouchRequired' });
    await hsm.call('enrolSecurityKey', { ...adding, lostKey: await lostKey() });
    await hsm.call('admitWithTouch', { ...making, lostKey: await lostKey() });
  });

  test.each(['remove-security-key', 'make-recovery-code'] as const)('nor does %s', async (act) => {
    const input = { act, target: newId(), guarded: true, enrolled };
    await touch(hsm.call('admitWithTouch', input));
    await wanted(hsm.call('admitWithTouch', { ...input, target: newId() }));
    await hsm.call('admitWithTouch', input);
    await wanted(hsm.call('admitWithTouch', input));
  });
});

test('an account with a gated key does not leave', async () => {
  const key = await object({ spec: 'AES_256', usage: ['encrypt', 'decrypt'], policy: { mfa: EACH } });
  const { transfer } = await hsm.call('beginAccountExport', {
    ...{ fileId: new Uint8Array(16), slotId: '0'.repeat(16), createdAt: 1 },
    passphrase: await sealFor(hsm, 'passphrase', 'a long passphrase'),
    kdf: { memoryKiB: 65_536, passes: 3, parallelism: 1 },
  });
  const record = { id: key.id, kind: 'object', version: 1, blob: key.blob ?? new Uint8Array() } as const;
  await expect(hsm.call('exportRecords', { transfer, records: [record] })).rejects.toMatchObject({
    code: 'HsmRefused',
  });
});

describe('every operation on a gated object', () => {
  /** Use nothing of the object's secret. */
  const OPEN = new Set(['objectInfo', 'publicKeyOf', 'lastTouch', 'updateObject']);

  /** A gated key that the operation would take, and the rest of its input. */
  async function uses(): Promise<Partial<Record<HsmOperation, unknown>>> {
    const gated = (spec: KmsSpec | 'GENERIC_SECRET', usage: ObjectAttributes['usage'], pair = false) =>
      pair ? kmsKey(spec, usage) : object({ spec, usage, policy: { mfa: EACH } });
    const kmsKey = async (spec: KmsSpec | 'GENERIC_SECRET', usage: ObjectAttributes['usage']): Promise<ObjectRef> => {
      if (spec === 'GENERIC_SECRET') throw new Error('no key pair');
      const id = newId();
      const { blob } = await hsm.call('generateKmsMaterial', {
        ...{ id, spec, usage, label: 'x', createdAt: 1, materialContext: new Uint8Array(), mfa: EACH },
      });
      return { id, version: 1, blob };
    };
    const imported = async (
      purpose: HsmInput<'importObject'>['purpose'],
      attributes: Pick<ObjectAttributes, 'class' | 'spec' | 'usage'> & Partial<ObjectAttributes>,
    ): Promise<ObjectRef> => {
      const id = newId();
      const { blob } = await hsm.call('importObject', {
        id,
        sealed: await sealFor(hsm, purpose, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
        purpose,
        attributes: { extractable: false, label: 'x', createdAt: 1, policy: { mfa: EACH }, ...attributes },
      });
      return { id, version: 1, blob };
    };
    const aes = await gated('AES_256', ['encrypt', 'decrypt', 'wrap', 'unwrap']);
    const hmac = await gated('HMAC_256', ['mac']);
    const ec = await gated('EC_P256', ['sign', 'verify'], true);
    const ecdh = await gated('EC_P256', ['derive'], true);
    const rsa = await gated('RSA_2048', ['encrypt', 'decrypt'], true);
    const kem = await gated('ML_KEM_512', ['derive'], true);
    const client = await clientSecret(EACH);
    const access = await imported('secret-access-key', {
      ...{ class: 'secret-key', spec: 'AWS_SECRET_ACCESS_KEY', usage: ['sigv4'] },
    });
    const now = 1_700_000_000_000;
    const leaving = await imported('secret-access-key', {
      ...{ class: 'secret-key', spec: 'AWS_SECRET_ACCESS_KEY', usage: ['leave'], extractable: true, createdAt: now },
      policy: { mfa: EACH, notAfter: now + 3_600_000 },
    });
    const token = await imported('session-token', { class: 'data', spec: 'GENERIC_SECRET', usage: [] });
    const pin = await imported('token-pin', { class: 'secret-key', spec: 'TOKEN_PIN', usage: [] });
    const wrapping = await gated('RSA_2048', ['unwrap'], true);
    const { raw } = await replyKey();
    const aad = new Uint8Array();
    const message = new Uint8Array(3);
    const open = await clientSecret(undefined);
    const { signature } = await sign(open);
    const bound = await hsm.call('updateObject', { key: open, policy: { mfa: EACH } });
    const plain = await object({ spec: 'AES_256', usage: ['encrypt', 'decrypt'] });
    const { ciphertext } = await hsm.call('kmsEncrypt', { key: plain, aad, plaintext: message });
    const stringToSign = `AWS4-ECDSA-P256-SHA256\n20260101T000000Z\n20260101/s3/aws4_request\n${'ab'.repeat(32)}`;
    const material = {
      id: newId(),
      spec: 'AES_256',
      usage: ['encrypt'],
      label: 'x',
      createdAt: 1,
      materialContext: aad,
    };
    return {
      compareObject: {
        key: access,
        sealed: await sealFor(hsm, 'secret-access-key', 'x'),
        purpose: 'secret-access-key',
      },
      revealClientSecret: { key: client, replyKey: raw, purpose: 'client-secret' },
      openToken: { key: token },
      leaveSecret: { key: leaving, replyKey: raw },
      sealTokenPin: { key: pin, replyKey: raw },
      sigv4Sign: { key: access, scope, stringToSign: 'x' },
      sigv4Verify: {
        ...{ key: { id: open.id, version: bound.version, blob: bound.blob }, scope, stringToSign: 'x', signature },
      },
      sigv4SignChunks: {
        ...{ key: access, scope, timestamp: '20260101T000000Z', previousSignature: 'ab'.repeat(32), chunkHashes: [] },
      },
      sigv4DeriveClientKey: { key: client, scope },
      sigv4aSign: { key: access, accessKeyId: 'AKID', stringToSign },
      sigv4aPublicKey: { key: client, accessKeyId: 'AKID' },
      hmac: { key: hmac, algorithm: 'SHA-256', message },
      wrap: { key: aes, plaintext: message, aad },
      unwrap: { key: aes, wrapped: new Uint8Array(40), aad },
      ecdsaSign: { key: ec, message },
      kmsEncrypt: { key: aes, aad, plaintext: message },
      kmsDecrypt: { key: aes, aad, ciphertext },
      kmsReEncrypt: {
        source: { key: plain, algorithm: 'SYMMETRIC_DEFAULT', aad, ciphertext },
        destination: { key: aes, algorithm: 'SYMMETRIC_DEFAULT', aad },
      },
      kmsGenerateDataKey: { key: aes, aad, length: 32, reveal: true },
      kmsGenerateDataKeyPair: { key: aes, aad, spec: 'EC_P256', reveal: true },
      asymEncrypt: { key: rsa, algorithm: 'RSAES_OAEP_SHA_1', plaintext: message },
      asymDecrypt: { key: rsa, algorithm: 'RSAES_OAEP_SHA_1', ciphertext: new Uint8Array(256) },
      kmsSign: { key: ec, algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message },
      x509Sign: { key: ec, message },
      kmsVerify: {
        ...{ key: ec, algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message, signature: new Uint8Array(70) },
      },
      kmsMac: { key: hmac, algorithm: 'HMAC_SHA_256', message },
      kmsVerifyMac: { key: hmac, algorithm: 'HMAC_SHA_256', message, mac: new Uint8Array(32) },
      kmsDeriveSharedSecret: { key: ecdh, publicKey: (await hsm.call('publicKeyOf', { key: ecdh })).publicKey },
      kmsEncapsulate: { key: kem },
      kmsDecapsulate: { key: kem, ciphertext: new Uint8Array(768) },
      importKmsMaterial: {
        ...material,
        wrappingKey: wrapping,
        ...{ algorithm: 'RSAES_OAEP_SHA_256', encryptedKeyMaterial: new Uint8Array(256) },
      },
      passGate: { key: client, purpose: 'x' },
    };
  }

  test('is refused without a touch', async () => {
    const inputs = await uses();
    for (const [op, input] of Object.entries(inputs)) {
      // Each is the operation's own input by its key.
      const call = hsm.call(op as HsmOperation, input as never);
      const code = await call.then(
        () => 'allowed',
        (error: unknown) => (error instanceof KeyholdError ? error.code : String(error)),
      );
      const never = op === 'sigv4DeriveClientKey' || op === 'sigv4aPublicKey';
      expect(`${op} ${code}`).toBe(`${op} ${never ? 'HsmRefused' : 'TouchRequired'}`);
    }
  });

  test('is among those tested', async () => {
    const tested = new Set([...Object.keys(await uses()), ...OPEN]);
    // An object of no operation's liking: what takes a reference at all does not get past the gate, what takes none says so.
    const key = await clientSecret(EACH);
    const missed: string[] = [];
    for (const op of Object.keys(OPERATIONS)) {
      for (const input of [{ key }, { wrappingKey: key }, { naming: key }, { source: { key }, destination: { key } }]) {
        const code = await hsm.call(op as HsmOperation, input as never).then(
          () => 'allowed',
          (error: unknown) => (error instanceof KeyholdError ? error.code : String(error)),
        );
        // The gate is before the operation's own checks, so every one of them answers it; those that ask themselves are all in the list above.
        if (code !== 'TouchRequired' && !tested.has(op)) missed.push(`${op} ${code}`);
      }
    }
    expect(missed).toEqual([]);
  });

  test('a forged signature of a gated client is not worth a touch', async () => {
    const key = await clientSecret(EACH);
    const forged = { key, scope, stringToSign: 'x', signature: 'ab'.repeat(32) };
    expect(await hsm.call('sigv4Verify', forged)).toEqual({ valid: false });
  });
});
