import { createHmac, createPublicKey, verify } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SealPurpose } from '../../../src/contract/schemas.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type { HsmInput, ObjectAttributes, ObjectRef, ObjectSpec, Scope } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, replyKey, sealFor, startTestHsm } from '../../support/hsm.ts';

type Attributes = Omit<ObjectAttributes, 'id'>;
const utf8 = (text: string) => new TextEncoder().encode(text);
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const SCOPE: Scope = { date: '20150830', region: 'us-east-1', service: 'service' };
const STRING_TO_SIGN =
  'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\nbb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63';
const SIGNATURE = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
const V4A_STRING = `AWS4-ECDSA-P256-SHA256\n20150830T123600Z\n20150830/service/aws4_request\n${'ab'.repeat(32)}`;
const REFUSED = { code: 'HsmRefused' };

let hsm: HsmClient;
let time = 1_000;
let nextId = 0;

beforeAll(async () => {
  hsm = startTestHsm({ clock: { now: () => time, monotonic: () => performance.now() } });
  await createTestVault(hsm);
});

const newId = () => (++nextId).toString(16).padStart(32, '0');
const awsKey = (policy: Attributes['policy'] = {}): Attributes => ({
  class: 'secret-key',
  spec: 'AWS_SECRET_ACCESS_KEY',
  usage: ['sigv4'],
  extractable: false,
  label: 'prod',
  createdAt: 1,
  policy,
});
const key = (spec: ObjectSpec, usage: Attributes['usage'], more: Partial<Attributes> = {}): Attributes => ({
  class: 'secret-key',
  spec,
  usage,
  extractable: false,
  label: '',
  createdAt: 1,
  policy: {},
  ...more,
});

async function imported(
  secret: string | Uint8Array,
  purpose: HsmInput<'importObject'>['purpose'],
  attributes: Attributes,
  sealPurpose: SealPurpose = purpose,
): Promise<ObjectRef> {
  const id = newId();
  const sealed = await sealFor(hsm, sealPurpose, secret);
  const { blob } = await hsm.call('importObject', { id, sealed, purpose, attributes });
  return { id, version: 1, blob };
}

async function generated(attributes: Attributes): Promise<ObjectRef> {
  const id = newId();
  const { blob } = await hsm.call('generateObject', { id, attributes });
  return { id, version: 1, blob };
}

const sign = (ref: ObjectRef, scope: Partial<Scope> = {}) =>
  hsm.call('sigv4Sign', { key: ref, scope: { ...SCOPE, ...scope }, stringToSign: STRING_TO_SIGN });

describe('a vaulted AWS key', () => {
  test('signs as AWS’s suite does, and verifies', async () => {
    const ref = await imported(SECRET, 'secret-access-key', awsKey());
    expect(await sign(ref)).toEqual({ signature: SIGNATURE });
    expect(await sign(ref)).toEqual({ signature: SIGNATURE });
    const check = (signature: string) =>
      hsm.call('sigv4Verify', { key: ref, scope: SCOPE, stringToSign: STRING_TO_SIGN, signature });
    expect(await check(SIGNATURE)).toEqual({ valid: true });
    const wrong = ['', SIGNATURE.slice(1), `${SIGNATURE.slice(0, -1)}0`, SIGNATURE.toUpperCase(), 'zz'.repeat(32)];
    for (const signature of wrong) expect(await check(signature)).toEqual({ valid: false });
  });

  test('never comes out: not as itself, not derived, not as a token', async () => {
    const ref = await imported(SECRET, 'secret-access-key', awsKey());
    const reply = await replyKey();
    await expect(hsm.call('sigv4DeriveClientKey', { key: ref, scope: SCOPE })).rejects.toMatchObject(REFUSED);
    await expect(
      hsm.call('revealClientSecret', { key: ref, replyKey: reply.raw, purpose: 'client-secret' }),
    ).rejects.toMatchObject(REFUSED);
    await expect(hsm.call('openToken', { key: ref })).rejects.toMatchObject(REFUSED);
    await expect(hsm.call('hmac', { key: ref, algorithm: 'SHA-256', message: utf8('20150830') })).rejects.toMatchObject(
      REFUSED,
    );
    await expect(hsm.call('wrap', { key: ref, plaintext: utf8('x'), aad: new Uint8Array() })).rejects.toMatchObject(
      REFUSED,
    );
    await expect(hsm.call('ecdsaSign', { key: ref, message: utf8('x') })).rejects.toMatchObject(REFUSED);
    const text = Buffer.from(ref.blob ?? []).toString('latin1');
    expect(text).not.toContain(SECRET);
    expect(JSON.stringify(await hsm.call('objectInfo', { key: ref }))).not.toContain(SECRET);
  });

  test('cannot be imported as extractable, as a client key, for other uses, or generated', async () => {
    const attempts: [Attributes, string][] = [
      [{ ...awsKey(), extractable: true }, 'HsmRefused'],
      [{ ...awsKey(), usage: ['sigv4', 'mac'] }, 'HsmRefused'],
      [{ ...awsKey(), spec: 'CLIENT_SECRET_KEY' }, 'InvalidInput'],
      [{ ...awsKey(), spec: 'CLIENT_SECRET_KEY', extractable: true }, 'InvalidInput'],
      [{ ...awsKey(), spec: 'GENERIC_SECRET', usage: ['mac'] }, 'InvalidInput'],
      [{ ...awsKey(), spec: 'GENERIC_SECRET', class: 'data', usage: [] }, 'InvalidInput'],
      [{ ...awsKey(), class: 'data', usage: [] }, 'InvalidInput'],
      [{ ...awsKey(), class: 'private-key' }, 'InvalidInput'],
    ];
    for (const [attributes, code] of attempts) {
      await expect(imported(SECRET, 'secret-access-key', attributes)).rejects.toMatchObject({ code });
    }
    // Nor by sealing it for one purpose and importing it for another.
    const token = key('GENERIC_SECRET', [], { class: 'data' });
    await expect(imported(SECRET, 'session-token', token, 'secret-access-key')).rejects.toMatchObject({
      code: 'InvalidInput',
    });
    await expect(generated(awsKey())).rejects.toMatchObject(REFUSED);
  });

  test.each([
    ['nothing', ''],
    ['7 characters', 'x'.repeat(7)],
    ['129 characters', 'x'.repeat(129)],
    ['a space', `${SECRET} `],
    ['a line break', `${SECRET}\n`],
    ['umlauts', 'ä'.repeat(40)],
  ])('%s is not plausible: a clear error that does not repeat it', async (_, secret) => {
    const error: unknown = await imported(secret, 'secret-access-key', awsKey()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'InvalidInput', message: expect.stringContaining('secret access key') });
    if (secret !== '') expect(String(error)).not.toContain(secret.trim().slice(0, 8));
  });

  test('signs only for the services and regions of its policy', async () => {
    const bound = await imported(
      SECRET,
      'secret-access-key',
      awsKey({ services: ['service', 's3'], regions: ['us-east-1'] }),
    );
    expect(await sign(bound)).toEqual({ signature: SIGNATURE });
    for (const scope of [{ service: 'iam' }, { region: 'eu-central-1' }, { service: 'S3' }]) {
      await expect(sign(bound, scope)).rejects.toMatchObject(REFUSED);
      await expect(
        hsm.call('sigv4Verify', { key: bound, scope: { ...SCOPE, ...scope }, stringToSign: 'x', signature: '' }),
      ).rejects.toMatchObject(REFUSED);
      await expect(
        hsm.call('sigv4SignChunks', {
          key: bound,
          scope: { ...SCOPE, ...scope },
          timestamp: '20150830T123600Z',
          previousSignature: SIGNATURE,
          chunkHashes: [],
        }),
      ).rejects.toMatchObject(REFUSED);
    }
    const none = await imported(SECRET, 'secret-access-key', awsKey({ services: [] }));
    await expect(sign(none)).rejects.toMatchObject(REFUSED);
  });

  test('signs up to, not from, its notAfter; the same for every use', async () => {
    const ref = await imported(SECRET, 'secret-access-key', awsKey({ notAfter: 5_000 }));
    time = 4_999;
    expect(await sign(ref)).toEqual({ signature: SIGNATURE });
    time = 5_000;
    await expect(sign(ref)).rejects.toMatchObject(REFUSED);
    await expect(
      hsm.call('sigv4aSign', { key: ref, accessKeyId: 'AKID', stringToSign: V4A_STRING }),
    ).rejects.toMatchObject(REFUSED);
    const { attributes } = await hsm.call('objectInfo', { key: ref });
    expect(attributes.policy).toEqual({ notAfter: 5_000 });
    const token = await imported(
      'token',
      'session-token',
      key('GENERIC_SECRET', [], { class: 'data', policy: { notAfter: 5_000 } }),
    );
    await expect(hsm.call('openToken', { key: token })).rejects.toMatchObject(REFUSED);
    time = 1_000;
  });

  test('SigV4a: the signature verifies under its public key; regions cannot be checked, so they refuse', async () => {
    const ref = await imported(SECRET, 'secret-access-key', awsKey({ services: ['service'] }));
    const { signature } = await hsm.call('sigv4aSign', {
      key: ref,
      accessKeyId: 'AKIDEXAMPLE',
      stringToSign: V4A_STRING,
    });
    const { publicKey } = await hsm.call('sigv4aPublicKey', { key: ref, accessKeyId: 'AKIDEXAMPLE' });
    expect(Buffer.from(publicKey).toString('hex')).toContain(
      'b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1',
    );
    const spki = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    expect(verify('sha256', utf8(V4A_STRING), spki, Buffer.from(signature, 'hex'))).toBe(true);
    const other = V4A_STRING.replace('/service/', '/s3/');
    await expect(
      hsm.call('sigv4aSign', { key: ref, accessKeyId: 'AKIDEXAMPLE', stringToSign: other }),
    ).rejects.toMatchObject(REFUSED);
    for (const stringToSign of ['x', STRING_TO_SIGN, `${V4A_STRING}\n`]) {
      await expect(
        hsm.call('sigv4aSign', { key: ref, accessKeyId: 'AKIDEXAMPLE', stringToSign }),
      ).rejects.toMatchObject({ code: 'InvalidInput' });
    }
    const regional = await imported(SECRET, 'secret-access-key', awsKey({ regions: ['us-east-1'] }));
    await expect(
      hsm.call('sigv4aSign', { key: regional, accessKeyId: 'AKIDEXAMPLE', stringToSign: V4A_STRING }),
    ).rejects.toMatchObject(REFUSED);
  });
});

test('chunk signatures are those of AWS’s documented example', async () => {
  // The S3 guide's secret has a slash where the signing suite's has a plus.
  const ref = await imported('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'secret-access-key', awsKey());
  const sha = {
    a65536: 'bf718b6f653bebc184e1479f1935b8da974d701b893afcf49e701f3e2f9f9c5a',
    a1024: '2edc986847e209b4016e141a6dc8716d3207350f416969382d431539bf292e4a',
    empty: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  };
  const answered = await hsm.call('sigv4SignChunks', {
    key: ref,
    scope: { date: '20130524', region: 'us-east-1', service: 's3' },
    timestamp: '20130524T000000Z',
    previousSignature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    chunkHashes: [sha.a65536, sha.a1024, sha.empty],
  });
  expect(answered).toEqual({
    signatures: [
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ],
  });
  await expect(
    hsm.call('sigv4SignChunks', {
      key: ref,
      scope: SCOPE,
      timestamp: '20130524T000000Z',
      previousSignature: SIGNATURE,
      chunkHashes: [],
    }),
  ).rejects.toMatchObject({ code: 'InvalidInput' });
});

describe('a client key', () => {
  const clientKey = (more: Partial<Attributes> = {}) =>
    key('CLIENT_SECRET_KEY', ['sigv4'], { extractable: true, ...more });

  test('is 40 base64 characters, revealed only to the caller, and its derived key signs alike', async () => {
    const ref = await generated(clientKey());
    const reply = await replyKey();
    const { secret } = await hsm.call('revealClientSecret', {
      key: ref,
      replyKey: reply.raw,
      purpose: 'client-secret',
    });
    expect(new TextDecoder().decode(await reply.pair.open(secret, 'client-secret'))).toMatch(/^[A-Za-z0-9+/]{40}$/);
    const { signingKey } = await hsm.call('sigv4DeriveClientKey', { key: ref, scope: SCOPE });
    const signature = createHmac('sha256', signingKey).update(STRING_TO_SIGN).digest('hex');
    expect(await sign(ref)).toEqual({ signature });
  });

  test('that is not extractable is never shown again, but still signs', async () => {
    const ref = await generated(clientKey({ extractable: false }));
    const reply = await replyKey();
    await expect(
      hsm.call('revealClientSecret', { key: ref, replyKey: reply.raw, purpose: 'client-secret' }),
    ).rejects.toMatchObject(REFUSED);
    await expect(sign(ref)).resolves.toBeDefined();
  });

  test('its policy binds the derived key as well', async () => {
    const ref = await generated(clientKey({ policy: { services: ['s3'], notAfter: 2_000 } }));
    await expect(hsm.call('sigv4DeriveClientKey', { key: ref, scope: SCOPE })).rejects.toMatchObject(REFUSED);
    const s3 = { ...SCOPE, service: 's3' };
    await expect(hsm.call('sigv4DeriveClientKey', { key: ref, scope: s3 })).resolves.toBeDefined();
    time = 2_000;
    await expect(hsm.call('sigv4DeriveClientKey', { key: ref, scope: s3 })).rejects.toMatchObject(REFUSED);
    time = 1_000;
  });

  test('without the usage sigv4 it signs nothing', async () => {
    const ref = await generated(clientKey({ usage: [] }));
    await expect(sign(ref)).rejects.toMatchObject(REFUSED);
    await expect(hsm.call('sigv4DeriveClientKey', { key: ref, scope: SCOPE })).rejects.toMatchObject(REFUSED);
  });
});

describe('other keys', () => {
  test('HMAC keys do their own hash and nothing else', async () => {
    const message = utf8('message');
    for (const [spec, algorithm, bytes] of [
      ['HMAC_256', 'SHA-256', 32],
      ['HMAC_384', 'SHA-384', 48],
      ['HMAC_512', 'SHA-512', 64],
    ] as const) {
      const ref = await generated(key(spec, ['mac']));
      const { mac } = await hsm.call('hmac', { key: ref, algorithm, message });
      expect(mac).toHaveLength(bytes);
      const other = algorithm === 'SHA-256' ? 'SHA-512' : 'SHA-256';
      await expect(hsm.call('hmac', { key: ref, algorithm: other, message })).rejects.toMatchObject(REFUSED);
      await expect(sign(ref)).rejects.toMatchObject(REFUSED);
    }
    // RFC 4231, test case 2, as a generic secret.
    const jefe = await imported('Jefe', 'key-material', key('GENERIC_SECRET', ['mac']));
    const { mac } = await hsm.call('hmac', {
      key: jefe,
      algorithm: 'SHA-256',
      message: utf8('what do ya want for nothing?'),
    });
    expect(Buffer.from(mac).toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  test('AES keys wrap and unwrap, bound to the AAD and to the usage', async () => {
    const ref = await generated(key('AES_256', ['wrap', 'unwrap']));
    const plaintext = utf8('payload');
    const aad = utf8('context');
    const { wrapped } = await hsm.call('wrap', { key: ref, plaintext, aad });
    expect(wrapped).toHaveLength(12 + plaintext.length + 16);
    expect(await hsm.call('unwrap', { key: ref, wrapped, aad })).toEqual({ plaintext });
    const wrong = { code: 'InvalidInput' };
    await expect(hsm.call('unwrap', { key: ref, wrapped, aad: utf8('other') })).rejects.toMatchObject(wrong);
    const flipped = new Uint8Array(wrapped).fill(0, 15, 16);
    await expect(hsm.call('unwrap', { key: ref, wrapped: flipped, aad })).rejects.toMatchObject(wrong);
    const wrapOnly = await generated(key('AES_256', ['wrap']));
    await expect(hsm.call('unwrap', { key: wrapOnly, wrapped, aad })).rejects.toMatchObject(REFUSED);
    const unwrapOnly = await generated(key('AES_256', ['unwrap']));
    await expect(hsm.call('wrap', { key: unwrapOnly, plaintext, aad })).rejects.toMatchObject(REFUSED);
  });

  test('imported key material has the length of its spec', async () => {
    const ok: [ObjectSpec, number][] = [
      ['AES_256', 32],
      ['HMAC_256', 32],
      ['HMAC_384', 48],
      ['HMAC_512', 200],
      ['GENERIC_SECRET', 1],
    ];
    for (const [spec, length] of ok) {
      const usage: Attributes['usage'] = spec === 'AES_256' ? ['wrap'] : ['mac'];
      await expect(imported(new Uint8Array(length), 'key-material', key(spec, usage))).resolves.toBeDefined();
    }
    const bad: [ObjectSpec, number][] = [
      ['AES_256', 16],
      ['AES_256', 33],
      ['HMAC_256', 31],
      ['HMAC_512', 32],
      ['GENERIC_SECRET', 0],
      ['GENERIC_SECRET', 16_385],
    ];
    for (const [spec, length] of bad) {
      await expect(imported(new Uint8Array(length), 'key-material', key(spec, []))).rejects.toMatchObject({
        code: 'InvalidInput',
      });
    }
  });

  test('an imported AES key is the key that was imported', async () => {
    const ref = await imported(new Uint8Array(32), 'key-material', key('AES_256', ['unwrap']));
    // GCM specification, test case 14 (zero key, nonce and block).
    const wrapped = Buffer.from(
      `${'00'.repeat(12)}cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919`,
      'hex',
    );
    const { plaintext } = await hsm.call('unwrap', {
      key: ref,
      wrapped: new Uint8Array(wrapped),
      aad: new Uint8Array(),
    });
    expect(plaintext).toEqual(new Uint8Array(16));
  });

  test('a P-256 key signs under the public key it came with', async () => {
    const attributes = key('EC_P256', ['sign'], { class: 'private-key' });
    const id = newId();
    const { blob, publicKey } = await hsm.call('generateObject', { id, attributes });
    if (publicKey === undefined) throw new Error('no public key');
    const message = utf8('certificate');
    const { signature } = await hsm.call('ecdsaSign', { key: { id, version: 1, blob }, message });
    const spki = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    expect(verify('sha256', message, { key: spki, dsaEncoding: 'der' }, signature)).toBe(true);
    expect(spki.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  test('session tokens come out, up to 16 KiB of visible ASCII', async () => {
    const attributes = key('GENERIC_SECRET', [], { class: 'data' });
    const ref = await imported('T'.repeat(16_384), 'session-token', attributes);
    expect(await hsm.call('openToken', { key: ref })).toEqual({ token: utf8('T'.repeat(16_384)) });
    for (const bad of ['', 'T'.repeat(16_385), 'a b', 'a\n']) {
      await expect(imported(bad, 'session-token', attributes)).rejects.toMatchObject({ code: 'InvalidInput' });
    }
    await expect(generated(attributes)).rejects.toMatchObject(REFUSED);
  });

  test('usages that do not fit a spec are refused at the door', async () => {
    for (const attributes of [
      key('AES_256', ['mac']),
      key('HMAC_256', ['encrypt']),
      key('GENERIC_SECRET', ['sigv4']),
      key('CLIENT_SECRET_KEY', ['wrap']),
      key('EC_P256', ['encrypt'], { class: 'private-key' }),
      key('AES_256', ['wrap'], { extractable: true }),
    ]) {
      await expect(generated(attributes)).rejects.toMatchObject(REFUSED);
    }
    await expect(generated(key('AES_256', ['wrap', 'wrap']))).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

describe('objects in the cache', () => {
  test('updateObject changes label and policy only, and makes the next version', async () => {
    const ref = await imported(SECRET, 'secret-access-key', awsKey());
    const updated = await hsm.call('updateObject', { key: ref, label: 'renamed', policy: { services: ['iam'] } });
    expect(updated.version).toBe(2);
    expect(updated.attributes).toEqual({ ...awsKey(), id: ref.id, label: 'renamed', policy: { services: ['iam'] } });
    const next = { id: ref.id, version: 2, blob: updated.blob };
    await expect(sign(next)).rejects.toMatchObject(REFUSED);
    await expect(sign(next, { service: 'iam' })).resolves.toBeDefined();
    const extra = { key: next, extractable: true, usage: ['mac'] } as HsmInput<'updateObject'>;
    await expect(hsm.call('updateObject', extra)).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('a blob of another id, another version or with a flipped bit does not open', async () => {
    const ref = await generated(key('AES_256', ['wrap']));
    const other = await generated(key('AES_256', ['wrap']));
    const tampered = { code: 'VaultTampered' };
    const info = (candidate: ObjectRef) => hsm.call('objectInfo', { key: candidate });
    if (ref.blob === undefined || other.blob === undefined) throw new Error('no blob');
    await expect(info({ ...ref, blob: other.blob })).rejects.toMatchObject(tampered);
    await expect(info({ ...ref, version: 2 })).rejects.toMatchObject(tampered);
    for (let at = 0; at < ref.blob.length; at += 7) {
      const blob = new Uint8Array(ref.blob);
      blob[at] = (blob[at] ?? 0) ^ 0x10;
      await expect(info({ ...ref, blob })).rejects.toMatchObject(tampered);
    }
    await expect(info(ref)).resolves.toBeDefined();
  });

  test('dropObjects forgets: the blob is asked for again', async () => {
    const ref = await generated(key('AES_256', ['wrap']));
    const bare = { id: ref.id, version: 1 };
    await expect(hsm.call('objectInfo', { key: bare })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(hsm.call('objectInfo', { key: ref })).resolves.toBeDefined();
    await expect(hsm.call('objectInfo', { key: bare })).resolves.toBeDefined();
    await hsm.call('dropObjects', { ids: [ref.id, newId()] });
    await expect(hsm.call('objectInfo', { key: bare })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('at most a thousand are kept; the least recently used goes', async () => {
    const first = await generated(key('AES_256', ['wrap']));
    const bare = { id: first.id, version: 1 };
    await hsm.call('objectInfo', { key: first });
    const fill = async (count: number) => {
      for (let index = 0; index < count; index++) {
        await hsm.call('objectInfo', { key: await generated(key('AES_256', ['wrap'])) });
      }
    };
    await fill(999);
    await expect(hsm.call('objectInfo', { key: bare })).resolves.toBeDefined();
    await fill(999);
    await expect(hsm.call('objectInfo', { key: bare })).resolves.toBeDefined();
    await fill(1000);
    await expect(hsm.call('objectInfo', { key: bare })).rejects.toMatchObject({ code: 'NotFound' });
  });
});

test('random answers as many bytes as asked for', async () => {
  expect((await hsm.call('random', { length: 33 })).bytes).toHaveLength(33);
  const [one, two] = await Promise.all([hsm.call('random', { length: 32 }), hsm.call('random', { length: 32 })]);
  expect(one.bytes).not.toEqual(two.bytes);
  await expect(hsm.call('random', { length: 65_537 })).rejects.toMatchObject({ code: 'InvalidInput' });
});
