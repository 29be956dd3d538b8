import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { toBase64 } from '../../../src/client/base64.ts';
import { seal } from '../../../src/client/seal.ts';
import { ERROR_CODES, KeyholdError } from '../../../src/contract/errors.ts';
import type { SealPurpose } from '../../../src/contract/schemas.ts';
import { packEvents, unpackRows } from '../../../src/core/crypto/packed-audit.ts';
import { answer } from '../../../src/core/hsm/answer.ts';
import { OPERATIONS } from '../../../src/core/hsm/operations.ts';
import type { Hsm, KmsSpec, ObjectUsage, OtpParameters } from '../../../src/core/hsm/protocol.ts';
import { createToken, type Token } from '../../../src/core/hsm/token.ts';
import { UnknownObject } from '../../../src/core/hsm/unknown-object.ts';
import { createTestVault, emptyHead, FLOOR, replyKey, startTestHsm, testTokenPorts } from '../../support/hsm.ts';
import { smallSet } from '../../support/small-set.ts';
import { createSoftKey } from '../../support/soft-key.ts';
import { softSecurityKey } from '../../support/soft-security-key.ts';

const RFC_SEED = '12345678901234567890';
const CODES = new Set<string>(ERROR_CODES);
/** Time-consuming by design, and tested with valid input elsewhere. */
const SLOW = new Set(['calibrate', 'generateImportKey']);
const names = Object.keys(OPERATIONS).filter((name) => !SLOW.has(name));

const scalar = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    Number.NaN,
    -1,
    0,
    1,
    2 ** 32,
    2 ** 53,
    -0,
    1e308,
    true,
    false,
    '',
    'object',
    '0'.repeat(32),
  ),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.string().map((text) => Buffer.from(text).toString('hex')),
  fc.uint8Array({ maxLength: 120 }),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => new Float64Array(bytes)),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => new DataView(bytes.buffer)),
  fc.date(),
);
const FIELDS = [
  ...[
    'key',
    'id',
    'version',
    'blob',
    'scope',
    'date',
    'region',
    'service',
    'stringToSign',
    'signature',
    'records',
    'pages',
  ],
  ...['page', 'entries', 'mac', 'head', 'headMac', 'generation', 'pageMacs', 'slots', 'keks', 'auditSeq', 'auditHash'],
  ...[
    'rows',
    'previousHash',
    'sealed',
    'sealKeyId',
    'enc',
    'ciphertext',
    'purpose',
    'attributes',
    'class',
    'spec',
    'usage',
  ],
  ...[
    'policy',
    'secret',
    'factor',
    'vaultId',
    'kdf',
    'replyKey',
    'createdAt',
    'label',
    'length',
    'ids',
    'aad',
    'plaintext',
  ],
  ...['__proto__', 'constructor', 'toString'],
];
const { garbage } = fc.letrec<{ garbage: unknown; object: unknown; list: unknown }>((tie) => ({
  garbage: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), tie('list')),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string()), tie('garbage'), { maxKeys: 8 }),
  list: fc.oneof(
    fc.array(tie('garbage'), { maxLength: 5 }),
    fc.array(tie('garbage'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
}));

let token: Token;
let valid: Record<string, object>;

beforeAll(async () => {
  token = createToken(testTokenPorts());
  const hsm: Hsm = {
    async call(op, input) {
      const run = OPERATIONS[op];
      expect(run).toBeDefined();
      // The token's own table has these types.
      return (await token.handle(op, input)) as never;
    },
  };
  const vault = await createTestVault(hsm);
  const { sealKeyId, publicKey } = await hsm.call('sealKey', {});
  const sealFor = (purpose: SealPurpose, text: string) =>
    seal({ sealKeyId, publicKey: toBase64(publicKey) }, purpose, new TextEncoder().encode(text));
  const id = 'ab'.repeat(16);
  const attributes = {
    class: 'secret-key' as const,
    spec: 'CLIENT_SECRET_KEY' as const,
    usage: ['sigv4' as const],
    extractable: true,
    label: 'x',
    createdAt: 1,
    policy: { services: ['s3'], regions: ['us-east-1'], notAfter: 4e12 },
  };
  const { blob } = await hsm.call('generateObject', { id, attributes });
  const key = { id, version: 1, blob };
  const scope = { date: '20260101', region: 'us-east-1', service: 's3' };
  const head = emptyHead(vault);
  const { headMac, audit } = await hsm.call('commit', {
    records: [],
    pages: [],
    audit: packEvents(['123456789']),
    head,
  });
  const slotInput = { id: '0'.repeat(16), label: 'x', kdf: { memoryKiB: 1, passes: 3, parallelism: 1 }, createdAt: 1 };
  const newMaterial = {
    id,
    spec: 'AES_256' as const,
    usage: ['encrypt' as const, 'decrypt' as const],
    label: 'x',
    createdAt: 1,
    materialContext: new Uint8Array(4),
    notAfter: 4e12,
  };
  const keyOf = async (spec: KmsSpec, usage: ObjectUsage[]) => {
    const made = await hsm.call('generateKmsMaterial', {
      ...newMaterial,
      id: randomBytes(16).toString('hex'),
      spec,
      usage,
    });
    return { id: made.attributes.id, version: 1, blob: made.blob };
  };
  const aes = await keyOf('AES_256', ['encrypt', 'decrypt']);
  const hmac = await keyOf('HMAC_256', ['mac']);
  const rsa = await keyOf('RSA_2048', ['encrypt', 'decrypt']);
  const ec = await keyOf('EC_P256', ['sign', 'verify']);
  const ecdh = await keyOf('EC_P256', ['derive']);
  const { publicKey: ecPublicKey } = await hsm.call('publicKeyOf', { key: ec });
  const kem = await keyOf('ML_KEM_512', ['derive']);
  const wrappingId = 'ac'.repeat(16);
  const wrapping = await hsm.call('generateImportKey', { id: wrappingId, spec: 'RSA_2048', label: 'x', createdAt: 1 });
  const aad = new Uint8Array(5);
  const { ciphertext } = await hsm.call('kmsEncrypt', { key: aes, aad, plaintext: new Uint8Array(3) });
  const { transfer } = await hsm.call('beginAccountExport', {
    fileId: new Uint8Array(16),
    slotId: '0'.repeat(16),
    passphrase: await sealFor('passphrase', 'x'),
    kdf: FLOOR,
    createdAt: 1,
  });
  const users = smallSet(hsm, vault);
  users.head = { ...head, auditSeq: 1, auditHash: unpackRows(audit)?.[0]?.hash ?? new Uint8Array(32) };
  users.headMac = headMac;
  const newUser = {
    name: 'alice',
    password: await sealFor('hsm-password', 'x'),
    kdf: FLOOR,
    publicKey: null,
    createdAt: 1,
  };
  const secret = { factor: 'password' as const, sealed: await sealFor('password', vault.password) };
  const { staged } = await hsm.call('initUsers', { ...newUser, secret, slots: vault.slots });
  await users.commit({ users: staged });
  const softKey = createSoftKey();
  const begun = await hsm.call('pinUvBegin', { protocol: 2, authenticatorKey: softKey.point });
  const reply = await replyKey();
  const login = await hsm.call('hsmLogin', {
    name: 'alice',
    password: await sealFor('hsm-password', 'x'),
    replyKey: reply.raw,
  });
  const session = await seal(
    { sealKeyId, publicKey: toBase64(publicKey) },
    'hsm-session',
    await reply.pair.open(login.session, 'hsm-session'),
  );
  const notForIt = await sealFor('password', 'x');
  const otp: OtpParameters = { type: 'totp', algorithm: 'SHA1', digits: 6, period: 30, next: 0 };
  const seedId = 'cd'.repeat(16);
  const seed = await hsm.call('importOtpSeed', {
    id: seedId,
    sealed: await sealFor('otp-seed', RFC_SEED),
    label: 'x',
    createdAt: 1,
    otp,
  });
  const seedKey = { id: seedId, version: 1, blob: seed.blob };
  const verifierId = 'ce'.repeat(16);
  const verifier = await hsm.call('generateOtpSeed', { id: verifierId, label: 'x', createdAt: 1, otp });
  const verifierKey = { id: verifierId, version: 1, blob: verifier.blob };
  // One nearly valid input per operation, for the fuzzer to damage. What would cost an Argon2id is made to stop short of it.
  valid = {
    sealKey: {},
    createVault: {
      ...slotInput,
      vaultId: new Uint8Array(16),
      password: await sealFor('password', 'x'),
      replyKey: new Uint8Array(32),
    },
    unlock: {
      vaultId: vault.vaultId,
      secret: { factor: 'recovery-code', sealed: await sealFor('recovery-code', 'no code') },
      head,
      headMac,
    },
    checkSecret: {
      secret: { factor: 'recovery-code', sealed: await sealFor('recovery-code', 'no code') },
      slots: vault.slots,
    },
    proveSlots: {
      secret: { factor: 'recovery-code', sealed: await sealFor('recovery-code', 'no code') },
      slots: vault.slots,
    },
    stageRoot: {
      ...{ proofs: ['0'.repeat(32)], dropped: ['0'.repeat(16)], createdAt: 1, audit: [new Uint8Array(9)] },
      ...{ head: users.head, headMac: users.headMac, pages: [{ page: 0, entries: new Uint8Array(41) }] },
      marks: new Uint8Array(16),
    },
    adoptRoot: { written: false },
    resealRecords: {
      records: Uint8Array.from([...new Uint8Array(18), 0, 9, ...new Uint8Array(9)]),
      pages: [{ page: 0, entries: new Uint8Array(41) }],
      head: { ...users.head, generation: users.head.generation + 1 },
    },
    retireKeks: {
      ...{ keks: users.head.keks, head: users.head, headMac: users.headMac },
      pages: [{ page: 0, entries: new Uint8Array(41) }],
    },
    makePasswordSlot: { ...slotInput, password: await sealFor('password', 'x') },
    makeRecoverySlot: { ...slotInput, replyKey: new Uint8Array(32) },
    commit: {
      ...{ records: [], pages: [{ page: 0, entries: new Uint8Array(41), before: new Uint8Array(41) }], removed: [] },
      ...{ audit: packEvents(['123456789']), head: { ...users.head, generation: users.head.generation + 1 } },
    },
    beginAccountExport: {
      fileId: new Uint8Array(16),
      slotId: '0'.repeat(16),
      passphrase: await sealFor('passphrase', 'x'),
      kdf: slotInput.kdf,
      createdAt: 1,
    },
    exportRecords: {
      transfer,
      records: [
        { id, kind: 'object', version: 1, blob },
        { id, createdAt: 1, naming: true },
      ],
    },
    endAccountExport: { transfer },
    beginAccountImport: {
      start: {
        fileId: new Uint8Array(16),
        slot: { descriptor: new Uint8Array(9), wrapped: new Uint8Array(60) },
        keks: [],
      },
      passphrase: await sealFor('passphrase', 'x'),
    },
    importRecords: { transfer, records: [{ id, kind: 'object', version: 1, sealed: blob }] },
    endAccountImport: { transfer, entries: 1, mac: new Uint8Array(32) },
    dropTransfer: {},
    openRecords: { records: [{ id, kind: 'client', version: 1, sealed: blob }] },
    checkObjects: { records: [{ id, kind: 'object', version: 1, sealed: blob }] },
    describeObjects: { records: [{ id, kind: 'object', version: 1, sealed: blob }] },
    verifyPages: { pages: [{ page: 0, entries: new Uint8Array(41), mac: new Uint8Array(32) }] },
    verifyHead: { head, headMac },
    openAudit: { rows: audit, previousHash: new Uint8Array(32) },
    lockedLog: { auditSeq: 0, auditHash: new Uint8Array(32) },
    openLockedLog: {
      auditSeq: 0,
      auditHash: new Uint8Array(32),
      rows: [1, 2, 3].map((layout) => ({ seq: layout, sealed: new Uint8Array(81).fill(layout) })),
      end: { seq: 3, lastHash: new Uint8Array(32), mac: new Uint8Array(32) },
    },
    importObject: {
      id,
      sealed: await sealFor('key-material', 'x'),
      purpose: 'key-material',
      attributes: { ...attributes, spec: 'GENERIC_SECRET', usage: ['mac'], extractable: false },
    },
    generateObject: { id, attributes },
    updateObject: { key, label: 'y', policy: {} },
    objectInfo: { key },
    forgetKey: { id },
    passGate: { key, purpose: 'x', ahead: 'sign-sts' },
    lastTouch: { key },
    setGate: { objects: [{ id, kind: 'object', version: 1, sealed: blob }], gate: { withinSeconds: 9, keys: 'any' } },
    enrolSecurityKey: {
      ...{ label: 'x', createdAt: 1, guarded: false, enrolled: [] },
      authenticatorData: softSecurityKey().registration(),
    },
    admitWithTouch: {
      ...{ act: 'make-recovery-code', target: id, guarded: true },
      ...{ enrolled: [{ id, kind: 'object', version: 1, sealed: blob }] },
    },
    touchChallenge: { use: 'ab'.repeat(32), keys: [{ id, kind: 'object', version: 1, sealed: blob }] },
    presentTouch: {
      challenge: 'ab'.repeat(16),
      ...softSecurityKey().touch(new Uint8Array(32)),
    },
    compareObject: { key, sealed: await sealFor('secret-access-key', 'x'), purpose: 'secret-access-key' },
    leaveSecret: { key, replyKey: publicKey },
    revealClientSecret: { key, replyKey: publicKey, purpose: 'client-secret' },
    openToken: { key },
    sealTokenPin: { key, replyKey: publicKey },
    dropObjects: { ids: [id] },
    sigv4Sign: { key, scope, stringToSign: 'x' },
    sigv4Verify: { key, scope, stringToSign: 'x', signature: 'ab'.repeat(32) },
    sigv4SignChunks: {
      key,
      scope,
      timestamp: '20260101T000000Z',
      previousSignature: 'ab'.repeat(32),
      chunkHashes: ['cd'.repeat(32)],
    },
    sigv4DeriveClientKey: { key, scope },
    sigv4aSign: { key, accessKeyId: 'AKID', stringToSign: 'x' },
    sigv4aPublicKey: { key, accessKeyId: 'AKID' },
    hmac: { key, algorithm: 'SHA-256', message: new Uint8Array(3) },
    wrap: { key, plaintext: new Uint8Array(3), aad: new Uint8Array() },
    unwrap: { key, wrapped: new Uint8Array(40), aad: new Uint8Array() },
    ecdsaSign: { key, message: new Uint8Array(3) },
    random: { length: 3 },
    derivePageTokenKey: { account: 'a'.repeat(32) },
    generateKmsMaterial: newMaterial,
    kmsEncrypt: { key: aes, aad, plaintext: new Uint8Array(3) },
    kmsDecrypt: { key: aes, aad, ciphertext },
    kmsGenerateDataKey: { key: aes, aad, length: 32, reveal: true },
    kmsMac: { key: hmac, algorithm: 'HMAC_SHA_256', message: new Uint8Array(3) },
    kmsVerifyMac: { key: hmac, algorithm: 'HMAC_SHA_256', message: new Uint8Array(3), mac: new Uint8Array(32) },
    publicKeyOf: { key: ec },
    kmsReEncrypt: {
      source: { key: aes, algorithm: 'SYMMETRIC_DEFAULT', aad, ciphertext },
      destination: { key: rsa, algorithm: 'RSAES_OAEP_SHA_256' },
    },
    kmsGenerateDataKeyPair: { key: aes, aad, spec: 'EC_P256', reveal: true },
    asymEncrypt: { key: rsa, algorithm: 'RSAES_OAEP_SHA_1', plaintext: new Uint8Array(3) },
    asymDecrypt: { key: rsa, algorithm: 'RSAES_OAEP_SHA_1', ciphertext: new Uint8Array(256) },
    kmsSign: { key: ec, algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message: new Uint8Array(3) },
    importX509Key: { id, sealed: await sealFor('private-key', 'x'), label: 'x', createdAt: 1 },
    x509Sign: {
      key: ec,
      message: Buffer.from(
        `AWS4-X509-ECDSA-SHA256\n20260101T000000Z\n20260101/x/rolesanywhere/aws4_request\n${'ab'.repeat(32)}`,
      ),
    },
    kmsVerify: {
      key: ec,
      algorithm: 'ECDSA_SHA_256',
      messageType: 'DIGEST',
      message: new Uint8Array(32),
      signature: new Uint8Array(70),
    },
    kmsDeriveSharedSecret: { key: ecdh, publicKey: ecPublicKey },
    kmsEncapsulate: { key: kem },
    kmsDecapsulate: { key: kem, ciphertext: new Uint8Array(768) },
    importKmsMaterial: {
      ...newMaterial,
      wrappingKey: { id: wrapping.attributes.id, version: 1, blob: wrapping.blob },
      algorithm: 'RSA_AES_KEY_WRAP_SHA_256',
      encryptedKeyMaterial: new Uint8Array(296),
    },
    openUsers: { entries: new Uint8Array(41), record: { version: 1, sealed: blob } },
    viewUsers: { session },
    initUsers: {
      ...newUser,
      secret: { factor: 'password', sealed: await sealFor('password', 'x') },
      slots: vault.slots,
    },
    resetUsers: { recoveryCode: await sealFor('recovery-code', 'no code'), slots: vault.slots },
    hsmLogin: { name: 'alice', password: notForIt, replyKey: publicKey },
    hsmLogout: { session: await sealFor('hsm-session', 'x') },
    changeUsers: { session, change: { do: 'set-quorum', service: 'key', required: 0 } },
    changeUserPassword: { name: 'alice', current: notForIt, next: notForIt, kdf: FLOOR },
    createQuorumToken: {
      session,
      id,
      act: { do: 'destroy', target: 'x', objects: [{ id, kind: 'object', version: 1, sealed: blob }] },
      expiresAt: Date.now() + 600_000,
    },
    touchForUsers: {
      for: 'approveQuorumToken',
      input: { id, user: 'alice', proof: { signature: new Uint8Array(70) } },
    },
    approveQuorumToken: { id, user: 'alice', proof: { signature: new Uint8Array(70) } },
    cancelQuorumToken: { session, id },
    guardDestruction: {
      now: [{ id, kind: 'object', version: 1, sealed: blob }],
      added: [{ id: aes.id, kind: 'object', version: 2, sealed: aes.blob }],
      later: [{ id: aes.id, kind: 'object', version: 1, sealed: aes.blob }],
      kept: [id],
    },
    admitKeyUse: {},
    importOtpSeed: { id, sealed: await sealFor('otp-seed', RFC_SEED), label: 'x', createdAt: 1, otp },
    otpShow: { key: seedKey },
    otpClaim: { key: seedKey },
    otpCode: { id, version: 2 },
    compareOtpSeed: { key: seedKey, sealed: await sealFor('otp-seed', RFC_SEED) },
    generateOtpSeed: { id, label: 'x', createdAt: 1, otp },
    otpVerify: { key: verifierKey, codes: ['123456', '654321'], window: 20 },
    otpExport: {
      key: seedKey,
      secret: { factor: 'recovery-code', sealed: await sealFor('recovery-code', 'no code') },
      slots: vault.slots,
      enrolled: [],
      replyKey: publicKey,
    },
    // Not quite valid: looking for primes would take the test's time.
    generateSshKey: { id, label: 'x', createdAt: -1 },
    revealCredential: {
      key: seedKey,
      smtpRegion: 'eu-central-1',
      secret: { factor: 'recovery-code', sealed: await sealFor('recovery-code', 'no code') },
      slots: vault.slots,
      enrolled: [],
      replyKey: publicKey,
    },
    pinUvBegin: { protocol: 2, authenticatorKey: begun.platformKey },
    pinUvPinHash: { handle: begun.handle, pin: await sealFor('security-key-pin', '1234') },
    pinUvNewPin: {
      handle: begun.handle,
      pin: await sealFor('security-key-pin', '1234'),
      current: await sealFor('security-key-pin', '4321'),
    },
    pinUvToken: { handle: begun.handle, token: new Uint8Array(48) },
    pinUvAuthenticate: { handle: begun.handle, message: new Uint8Array(32) },
    hmacSecretInput: { handle: begun.handle, salt: new Uint8Array(32) },
    pinUvEnd: { handle: 'ab'.repeat(16) },
    makeKeySlot: {
      ...{ id: '0'.repeat(16), label: 'x', createdAt: 1 },
      factors: [
        { ...(await softKey.factor(hsm, new Uint8Array(32))), handle: begun.handle },
        {
          factor: 'yubikey-hmac-sha1',
          serial: null,
          otpSlot: 1,
          challenge: new Uint8Array(32),
          response: new Uint8Array(20),
        },
      ],
    },
    guardExport: { objects: [{ id: aes.id, kind: 'object', version: 1, sealed: aes.blob }] },
  };
}, 60_000);

/** A typed error or an answer; anything else fails. */
async function mustBeTyped(op: unknown, input: unknown): Promise<void> {
  try {
    await token.handle(op, input);
  } catch (error) {
    if (error instanceof UnknownObject) return;
    expect(error).toBeInstanceOf(KeyholdError);
    if (!(error instanceof KeyholdError)) return;
    expect(CODES.has(error.code)).toBe(true);
    expect(error.code).not.toBe('Internal');
    expect(error.message.length).toBeLessThan(300);
  }
}

/** Replaces the value at a random path of a valid input. */
function damaged(value: unknown, path: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
    return replacement;
  if (Array.isArray(value)) {
    if (value.length === 0) return [replacement];
    const at = step % value.length;
    return value.map((item, index) => (index === at ? damaged(item, rest, replacement) : item));
  }
  const keys = Object.keys(value);
  const at = keys[step % Math.max(keys.length, 1)] ?? 'extra';
  const entries = Object.entries(value).filter(([name]) => name !== at);
  const old: unknown = Reflect.get(value, at);
  const next = damaged(old, rest, replacement);
  return Object.fromEntries(next === undefined && step % 2 === 0 ? entries : [...entries, [at, next]]);
}

describe('whatever arrives, the HSM answers with a typed error or a result', () => {
  test('every operation has a nearly valid input here', () => {
    expect(Object.keys(valid).sort()).toEqual([...names].sort());
  });

  test('5,000 × any operation, any value', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.constantFrom(...names), scalar), garbage, mustBeTyped), {
      seed: 20_260_101,
      numRuns: 5_000,
    });
  });

  test('5,000 × a valid input with one value replaced', { timeout: 120_000 }, async () => {
    const path = fc.array(fc.nat(20), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), path, garbage, (name, steps, replacement) =>
        mustBeTyped(name, damaged(valid[name], steps, replacement)),
      ),
      { seed: 20_260_102, numRuns: 5_000 },
    );
  });

  test('2,000 × garbage in place of frames', { timeout: 120_000 }, async () => {
    const frame = fc.oneof(garbage, fc.record({ id: fc.oneof(fc.integer(), scalar), op: scalar, input: garbage }));
    await fc.assert(
      fc.asyncProperty(frame, async (value) => {
        const response = await answer(token, value);
        if (response === null) return;
        expect('output' in response || 'error' in response || 'unknownObject' in response).toBe(true);
      }),
      { seed: 20_260_103, numRuns: 2_000 },
    );
  });

  test('and still works afterwards', async () => {
    for (const name of ['sealKey', 'openRecords', 'verifyHead', 'objectInfo', 'sigv4Sign', 'random'] as const) {
      await expect(token.handle(name, valid[name]), name).resolves.toBeDefined();
    }
    // The locked one as well: it must not tell a locked vault's callers anything else.
    const locked = startTestHsm();
    await expect(locked.call('openRecords', { records: [] })).rejects.toMatchObject({ code: 'Locked' });
  });
});
