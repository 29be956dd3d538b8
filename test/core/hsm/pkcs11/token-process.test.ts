import { constants, createHash, createHmac, createPublicKey, verify as nodeVerify, publicEncrypt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenKeySpec, TokenKeyUsage } from '../../../../src/core/hsm/pkcs11/protocol.ts';
import type { Hsm } from '../../../../src/core/hsm/protocol.ts';
import type { TokenClient } from '../../../../src/core/tokens/token-client.ts';
import { createTestVault, replyKey, startTestHsm } from '../../../support/hsm.ts';
import { hasPkcs11Tool, PIN, SoftHsm, whyNoSoftHsm } from '../../../support/softhsm.ts';
import { ended, importPin, startTokenProcess } from '../../../support/token-process.ts';

const reason = whyNoSoftHsm();
if (reason !== null) console.warn(`The tests of token processes are skipped: ${reason}.`);

const utf8 = (text: string) => new TextEncoder().encode(text);
const CALL_MS = 60_000;
const AAD = utf8('context');

describe.skipIf(reason !== null)('a token process with SoftHSM2', () => {
  let soft: SoftHsm;
  let hsm: Hsm;
  let token: TokenClient;
  let lastId = 0;
  const newId = () => (++lastId).toString(16).padStart(32, '0');

  async function login(client: TokenClient, label = 'one', pin = PIN, serial: string | null = null) {
    const { publicKey } = await client.call('replyKey', {}, CALL_MS);
    await client.call('load', { module: soft.library }, CALL_MS);
    const sealed = await hsm.call('sealTokenPin', { key: await importPin(hsm, pin), replyKey: publicKey });
    const facts = await client.call('login', { label, serial, pin: sealed.pin, finalTry: false }, CALL_MS);
    client.setLanes(facts.lanes);
    return facts;
  }

  async function generate(spec: TokenKeySpec, usage: TokenKeyUsage) {
    const keyId = newId();
    const made = await token.call('generateKey', { keyId, spec, usage, label: `key ${keyId}` }, CALL_MS);
    return { keyId, ...made };
  }

  beforeAll(async () => {
    soft = new SoftHsm();
    soft.init('one');
    soft.init('two');
    hsm = startTestHsm();
    await createTestVault(hsm);
    token = startTokenProcess(soft.environment);
    const facts = await login(token);
    expect(facts.token).toMatchObject({ label: 'one', model: 'SoftHSM v2', pin: 'ok', initialized: true });
    expect(facts.mechanisms).toContain('CKM_AES_GCM');
    expect(facts.lanes).toBe(4);
  });
  afterAll(async () => {
    await token?.kill(ended());
    soft?.dispose();
  });

  test('its keys are sensitive, were always so, and are not and never were extractable', async () => {
    for (const [spec, usage] of [
      ['AES_256', 'ENCRYPT_DECRYPT'],
      ['HMAC_256', 'GENERATE_VERIFY_MAC'],
      ['RSA_2048', 'SIGN_VERIFY'],
      ['EC_P256', 'SIGN_VERIFY'],
    ] as const) {
      const { keyId, attributes } = await generate(spec, usage);
      expect(attributes, spec).toEqual({
        label: `key ${keyId}`,
        sensitive: true,
        alwaysSensitive: true,
        extractable: false,
        neverExtractable: true,
        local: true,
        private: true,
      });
      const found = await token.call('findKey', { keyId }, CALL_MS);
      expect(found.key?.attributes).toEqual(attributes);
    }
    expect(await token.call('findKey', { keyId: newId() }, CALL_MS)).toEqual({ key: null });
  });

  test.skipIf(!hasPkcs11Tool)('pkcs11-tool sees the same and cannot read a key', async () => {
    const { keyId } = await generate('AES_256', 'ENCRYPT_DECRYPT');
    const [listed, ...more] = soft.objects('one', keyId);
    expect(more).toEqual([]);
    expect(listed).toMatch(/^Secret Key Object; AES length 32$/m);
    expect(listed).toMatch(/Access:\s+sensitive, always sensitive, never extractable, local$/m);
    expect(listed).toMatch(/Usage:\s+encrypt, decrypt$/m);
    const pair = await generate('EC_P256', 'SIGN_VERIFY');
    const halves = soft.objects('one', pair.keyId);
    expect(halves).toHaveLength(2);
    const privateHalf = halves.find((object) => object.startsWith('Private Key Object; EC'));
    expect(privateHalf).toMatch(/Access:\s+sensitive, always sensitive, never extractable, local$/m);
    const read = soft.tool(
      ...['--token-label', 'one', '--login', '--pin', PIN],
      ...['--read-object', '--type', 'secrkey', '--id', keyId],
    );
    expect(read).toMatch(/CKR_ATTRIBUTE_SENSITIVE|sensitive/i);
    expect(soft.objects('one', keyId, null)).toEqual([]);
  });

  test('encrypts with AES-GCM, bound to key, AAD and every byte', async () => {
    const { keyId } = await generate('AES_256', 'ENCRYPT_DECRYPT');
    const other = await generate('AES_256', 'ENCRYPT_DECRYPT');
    for (const length of [1, 31, 32, 4096]) {
      const plaintext = new Uint8Array(length).fill(7);
      const { ciphertext } = await token.call('encrypt', { keyId, aad: AAD, plaintext }, CALL_MS);
      expect(ciphertext).toHaveLength(12 + length + 16);
      expect(await token.call('decrypt', { keyId, aad: AAD, ciphertext }, CALL_MS)).toEqual({ plaintext });
    }
    const again = { keyId, aad: new Uint8Array(0), plaintext: utf8('x') };
    const one = await token.call('encrypt', again, CALL_MS);
    const two = await token.call('encrypt', again, CALL_MS);
    expect(one.ciphertext).not.toEqual(two.ciphertext);
    const { ciphertext } = await token.call('encrypt', { keyId, aad: AAD, plaintext: utf8('secret') }, CALL_MS);
    const refused = { code: 'InvalidCiphertext' };
    await expect(token.call('decrypt', { keyId, aad: utf8('x'), ciphertext }, CALL_MS)).rejects.toMatchObject(refused);
    await expect(token.call('decrypt', { keyId: other.keyId, aad: AAD, ciphertext }, CALL_MS)).rejects.toMatchObject(
      refused,
    );
    for (let index = 0; index < ciphertext.length; index++) {
      const changed = ciphertext.slice();
      changed[index] = (changed[index] ?? 0) ^ 1;
      await expect(token.call('decrypt', { keyId, aad: AAD, ciphertext: changed }, CALL_MS)).rejects.toMatchObject(
        refused,
      );
    }
    // What failed has left nothing behind that the next call would meet.
    expect(await token.call('decrypt', { keyId, aad: AAD, ciphertext }, CALL_MS)).toEqual({
      plaintext: utf8('secret'),
    });
  });

  test('makes data keys in the token, and shows them only where asked', async () => {
    const { keyId } = await generate('AES_256', 'ENCRYPT_DECRYPT');
    const shown = await token.call('generateDataKey', { keyId, aad: AAD, length: 32, reveal: true }, CALL_MS);
    expect(shown.plaintext).toHaveLength(32);
    const opened = await token.call('decrypt', { keyId, aad: AAD, ciphertext: shown.ciphertext }, CALL_MS);
    expect(opened.plaintext).toEqual(shown.plaintext);
    const hidden = await token.call('generateDataKey', { keyId, aad: AAD, length: 64, reveal: false }, CALL_MS);
    expect(hidden).toEqual({ ciphertext: expect.any(Uint8Array) });
    expect(hidden.ciphertext).toHaveLength(12 + 64 + 16);
  });

  test('signs with RSA and ECDSA so that OpenSSL agrees, and verifies', async () => {
    const message = utf8('a message to sign');
    for (const [spec, algorithms] of [
      [
        'RSA_2048',
        ['RSASSA_PSS_SHA_256', 'RSASSA_PSS_SHA_512', 'RSASSA_PKCS1_V1_5_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_384'],
      ],
      ['EC_P256', ['ECDSA_SHA_256']],
      ['EC_P384', ['ECDSA_SHA_384']],
      ['EC_P521', ['ECDSA_SHA_512']],
      ['EC_SECP256K1', ['ECDSA_SHA_256']],
    ] as const) {
      const { keyId, publicKey } = await generate(spec, 'SIGN_VERIFY');
      const key = createPublicKey({ key: Buffer.from(publicKey ?? []), format: 'der', type: 'spki' });
      for (const algorithm of algorithms) {
        const hash = `sha${algorithm.slice(-3)}`;
        const digest = new Uint8Array(createHash(hash).update(message).digest());
        const padding = algorithm.startsWith('RSASSA_PSS')
          ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
          : {};
        const raw = { keyId, algorithm, messageType: 'RAW', message } as const;
        const hashed = { keyId, algorithm, messageType: 'DIGEST', message: digest } as const;
        for (const toSign of [raw, hashed]) {
          const { signature } = await token.call('sign', toSign, CALL_MS);
          expect(nodeVerify(hash, message, { key, ...padding }, signature), `${spec} ${algorithm}`).toBe(true);
          for (const same of [raw, hashed]) {
            expect(await token.call('verify', { ...same, signature }, CALL_MS)).toEqual({ valid: true });
          }
          const broken = signature.slice();
          broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
          expect(await token.call('verify', { ...raw, signature: broken }, CALL_MS)).toEqual({ valid: false });
          const longer = new Uint8Array([...signature, 0]);
          expect(await token.call('verify', { ...raw, signature: longer }, CALL_MS)).toEqual({ valid: false });
          const otherMessage = { ...raw, message: utf8('another') };
          expect(await token.call('verify', { ...otherMessage, signature }, CALL_MS)).toEqual({ valid: false });
        }
      }
    }
  });

  test('RSA-OAEP: decrypts what OpenSSL encrypts; says so where the token has only SHA-1', async () => {
    const { keyId, publicKey } = await generate('RSA_2048', 'ENCRYPT_DECRYPT');
    const key = createPublicKey({ key: Buffer.from(publicKey ?? []), format: 'der', type: 'spki' });
    const plaintext = utf8('to the token');
    const algorithm = 'RSAES_OAEP_SHA_1';
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const sent = new Uint8Array(publicEncrypt({ key, padding, oaepHash: 'sha1' }, plaintext));
    expect(await token.call('asymDecrypt', { keyId, algorithm, ciphertext: sent }, CALL_MS)).toEqual({ plaintext });
    const { ciphertext } = await token.call('asymEncrypt', { keyId, algorithm, plaintext }, CALL_MS);
    expect(await token.call('asymDecrypt', { keyId, algorithm, ciphertext }, CALL_MS)).toEqual({ plaintext });
    const tooLong = new Uint8Array(215);
    await expect(token.call('asymEncrypt', { keyId, algorithm, plaintext: tooLong }, CALL_MS)).rejects.toMatchObject({
      code: 'InvalidInput',
    });
    const changed = ciphertext.slice();
    changed[9] = (changed[9] ?? 0) ^ 1;
    for (const wrong of [changed, ciphertext.slice(1), new Uint8Array(256)]) {
      await expect(token.call('asymDecrypt', { keyId, algorithm, ciphertext: wrong }, CALL_MS)).rejects.toMatchObject({
        code: 'InvalidCiphertext',
      });
    }
    // SoftHSM2 2.6 refuses OAEP with any other hash.
    await expect(
      token.call('asymDecrypt', { keyId, algorithm: 'RSAES_OAEP_SHA_256', ciphertext: sent }, CALL_MS),
    ).rejects.toMatchObject({ code: 'Unsupported', details: { ckr: 'CKR_ARGUMENTS_BAD' } });
  });

  test('makes MACs as the hash names say', async () => {
    for (const [spec, algorithm, bytes] of [
      ['HMAC_224', 'HMAC_SHA_224', 28],
      ['HMAC_256', 'HMAC_SHA_256', 32],
      ['HMAC_384', 'HMAC_SHA_384', 48],
      ['HMAC_512', 'HMAC_SHA_512', 64],
    ] as const) {
      const { keyId } = await generate(spec, 'GENERATE_VERIFY_MAC');
      const message = utf8('authentic');
      const { mac } = await token.call('mac', { keyId, algorithm, message }, CALL_MS);
      expect(mac).toHaveLength(bytes);
      expect(await token.call('verifyMac', { keyId, algorithm, message, mac }, CALL_MS)).toEqual({ valid: true });
      const other = new Uint8Array(createHmac('sha256', 'k').update(message).digest());
      for (const wrong of [mac.slice(1), mac.map((byte) => byte ^ 1), other]) {
        const given = { keyId, algorithm, message, mac: wrong };
        expect(await token.call('verifyMac', given, CALL_MS)).toEqual({ valid: false });
      }
    }
  });

  test('a key does only what its spec is for', async () => {
    const aes = await generate('AES_256', 'ENCRYPT_DECRYPT');
    const ec = await generate('EC_P256', 'SIGN_VERIFY');
    const rsa = await generate('RSA_2048', 'SIGN_VERIFY');
    const refused = { code: 'HsmRefused' };
    const message = utf8('x');
    const sign = (keyId: string, algorithm: 'ECDSA_SHA_256' | 'ECDSA_SHA_384' | 'RSASSA_PSS_SHA_256') =>
      token.call('sign', { keyId, algorithm, messageType: 'RAW', message }, CALL_MS);
    await expect(sign(aes.keyId, 'ECDSA_SHA_256')).rejects.toMatchObject(refused);
    await expect(sign(ec.keyId, 'ECDSA_SHA_384')).rejects.toMatchObject(refused);
    await expect(sign(rsa.keyId, 'ECDSA_SHA_256')).rejects.toMatchObject(refused);
    const encrypt = { keyId: ec.keyId, aad: AAD, plaintext: message };
    await expect(token.call('encrypt', encrypt, CALL_MS)).rejects.toMatchObject(refused);
    // The token itself keeps a signing key from decrypting.
    await expect(
      token.call(
        'asymDecrypt',
        { keyId: rsa.keyId, algorithm: 'RSAES_OAEP_SHA_1', ciphertext: new Uint8Array(256) },
        CALL_MS,
      ),
    ).rejects.toMatchObject({ code: 'HsmRefused', details: { ckr: 'CKR_KEY_FUNCTION_NOT_PERMITTED' } });
  });

  test('destroys a key with its public half; then it is not there, also for what remembered it', async () => {
    const { keyId } = await generate('EC_P256', 'SIGN_VERIFY');
    const toSign = { keyId, algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message: utf8('x') } as const;
    await token.call('sign', toSign, CALL_MS);
    expect(await token.call('destroyKey', { keyId }, CALL_MS)).toEqual({});
    await expect(token.call('sign', toSign, CALL_MS)).rejects.toMatchObject({ code: 'NotFound' });
    await expect(token.call('destroyKey', { keyId }, CALL_MS)).rejects.toMatchObject({ code: 'NotFound' });
    if (hasPkcs11Tool) expect(soft.objects('one', keyId)).toEqual([]);
    const first = await generate('AES_256', 'ENCRYPT_DECRYPT');
    await expect(
      token.call('generateKey', { ...first, spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', label: '' } as never, CALL_MS),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(
      token.call('generateKey', { keyId: first.keyId, spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', label: '' }, CALL_MS),
    ).rejects.toMatchObject({ code: 'AlreadyExists' });
  });

  test('a key destroyed by another program is not there, and one in its place is found', async () => {
    const { keyId } = await generate('AES_256', 'ENCRYPT_DECRYPT');
    const encrypt = { keyId, aad: AAD, plaintext: utf8('x') };
    const before = await token.call('encrypt', encrypt, CALL_MS);
    const other = startTokenProcess(soft.environment);
    try {
      await login(other);
      await other.call('destroyKey', { keyId }, CALL_MS);
      await expect(token.call('encrypt', encrypt, CALL_MS)).rejects.toMatchObject({ code: 'NotFound' });
      await other.call('generateKey', { keyId, spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', label: 'new' }, CALL_MS);
    } finally {
      await other.kill(ended());
    }
    const after = await token.call('encrypt', encrypt, CALL_MS);
    expect(await token.call('decrypt', { keyId, aad: AAD, ciphertext: after.ciphertext }, CALL_MS)).toEqual({
      plaintext: utf8('x'),
    });
    await expect(
      token.call('decrypt', { keyId, aad: AAD, ciphertext: before.ciphertext }, CALL_MS),
    ).rejects.toMatchObject({ code: 'InvalidCiphertext' });
  });

  test('four callers at once, while an RSA key is made, get each their own', async () => {
    const { keyId } = await generate('AES_256', 'ENCRYPT_DECRYPT');
    const slow = generate('RSA_4096', 'SIGN_VERIFY');
    const lane = async (mark: number) => {
      for (let index = 0; index < 200; index++) {
        const plaintext = Uint8Array.of(mark, index & 0xff, 3);
        const { ciphertext } = await token.call('encrypt', { keyId, aad: AAD, plaintext }, CALL_MS);
        expect(await token.call('decrypt', { keyId, aad: AAD, ciphertext }, CALL_MS)).toEqual({ plaintext });
      }
    };
    await Promise.all([1, 2, 3, 4].map(lane));
    expect((await slow).attributes.neverExtractable).toBe(true);
  });

  test('random bytes and the self-test come from the token', async () => {
    const one = await token.call('random', { length: 32 }, CALL_MS);
    const two = await token.call('random', { length: 32 }, CALL_MS);
    expect(one.bytes).toHaveLength(32);
    expect(one.bytes).not.toEqual(two.bytes);
    expect(await token.call('selfTest', {}, CALL_MS)).toEqual({});
  });

  test('whatever is malformed is refused by name and leaves the process as it was', async () => {
    const { keyId } = await generate('AES_256', 'ENCRYPT_DECRYPT');
    const wrong: [string, unknown][] = [
      ['encrypt', { keyId, aad: AAD }],
      ['encrypt', { keyId, aad: AAD, plaintext: new Uint8Array(0) }],
      ['encrypt', { keyId, aad: AAD, plaintext: new Uint8Array(4097) }],
      ['encrypt', { keyId: 'x', aad: AAD, plaintext: AAD }],
      ['encrypt', { keyId, aad: 'text', plaintext: AAD }],
      ['encrypt', { keyId, aad: AAD, plaintext: AAD, more: 1 }],
      ['decrypt', { keyId, aad: AAD, ciphertext: new Uint8Array(28) }],
      ['generateDataKey', { keyId, aad: AAD, length: 1025, reveal: true }],
      ['generateKey', { keyId, spec: 'AES_128', usage: 'ENCRYPT_DECRYPT', label: '' }],
      ['generateKey', { keyId, spec: 'EC_P256', usage: 'ENCRYPT_DECRYPT', label: '' }],
      ['sign', { keyId, algorithm: 'ECDSA_SHA_256', messageType: 'DIGEST', message: new Uint8Array(31) }],
      ['sign', { keyId, algorithm: 'ED25519_SHA_512', messageType: 'RAW', message: AAD }],
      ['mac', { keyId, algorithm: 'HMAC_SHA_1', message: AAD }],
      ['random', { length: 0 }],
      ['load', { module: soft.library }],
      ['login', { label: 'one', serial: null, pin: { enc: '', ciphertext: '' }, finalTry: false }],
      ['replyKey', { x: 1 }],
    ];
    for (const [op, input] of wrong) {
      const call = Reflect.apply(token.call, token, [op, input, CALL_MS]);
      await expect(call, `${op} ${JSON.stringify(input)}`).rejects.toMatchObject({ code: 'InvalidInput' });
    }
    const unknown = Reflect.apply(token.call, token, ['toString', {}, CALL_MS]);
    await expect(unknown).rejects.toMatchObject({ code: 'Unsupported' });
    await token.call('encrypt', { keyId, aad: AAD, plaintext: AAD }, CALL_MS);
  });

  describe('logging in', () => {
    async function attempt(...access: [label?: string, pin?: string, serial?: string | null]): Promise<unknown> {
      const client = startTokenProcess(soft.environment);
      try {
        return await login(client, ...access);
      } finally {
        await client.kill(ended());
      }
    }

    test('a wrong PIN is named, not repeated, and counted by the token', async () => {
      await expect(attempt('two', 'wrong1')).rejects.toMatchObject({
        code: 'TokenPinRefused',
        details: { ckr: 'CKR_PIN_INCORRECT' },
      });
      expect(await attempt('two')).toMatchObject({ token: { label: 'two', pin: 'low' } });
      expect(await attempt('two')).toMatchObject({ token: { label: 'two', pin: 'ok' } });
    });

    test('a token that is not there, or another one with its label, is said, before any PIN is tried', async () => {
      await expect(attempt('three')).rejects.toMatchObject({
        code: 'TokenUnavailable',
        message: expect.stringMatching(/no token labelled three\. It has .*one/),
      });
      await expect(attempt('two', 'wrong1', '0000')).rejects.toMatchObject({
        code: 'TokenUnavailable',
        message: expect.stringContaining('another one'),
      });
      expect(await attempt('two')).toMatchObject({ token: { pin: 'ok' } });
    });

    test('the PIN opens only in the process that it was sealed for', async () => {
      const client = startTokenProcess(soft.environment);
      try {
        await client.call('load', { module: soft.library }, CALL_MS);
        const other = await replyKey();
        const sealed = await hsm.call('sealTokenPin', { key: await importPin(hsm, PIN), replyKey: other.raw });
        const login = { label: 'two', serial: null, pin: sealed.pin, finalTry: false };
        await expect(client.call('login', login, CALL_MS)).rejects.toMatchObject({ code: 'InvalidInput' });
        // What the daemon relays does not have the PIN in it, but the one it is for can open it.
        expect(JSON.stringify(sealed)).not.toContain(PIN);
        expect(new TextDecoder().decode(await other.pair.open(sealed.pin, 'token-pin'))).toBe(PIN);
      } finally {
        await client.kill(ended());
      }
    });
  });

  test('the tokens of a module are listed without a PIN', async () => {
    const client = startTokenProcess(soft.environment);
    try {
      expect(await client.call('load', { module: soft.library }, CALL_MS)).toMatchObject({
        manufacturer: 'SoftHSM',
        cryptokiVersion: '2.40',
      });
      const { tokens } = await client.call('listTokens', {}, CALL_MS);
      expect(tokens.map(({ label }) => label)).toEqual(expect.arrayContaining(['one', 'two']));
      expect(tokens.filter(({ initialized }) => !initialized)).toHaveLength(1);
    } finally {
      await client.kill(ended());
    }
  });
});

describe.skipIf(reason !== null)('a module that is none', () => {
  test.each([
    ['a file that is no library', import.meta.filename],
    ['a library that is no PKCS#11 module', process.execPath],
    ['nothing', '/nonexistent/module.so'],
  ])('%s is refused with the reason', async (_, module) => {
    const client = startTokenProcess();
    try {
      await expect(client.call('load', { module }, CALL_MS)).rejects.toMatchObject({
        code: 'InvalidInput',
        message: expect.stringContaining(module),
      });
    } finally {
      await client.kill(ended());
    }
  });
});
