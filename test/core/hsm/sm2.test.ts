import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { derElement } from '../../../src/core/crypto/der.ts';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import { algorithmIdentifier, makeEcPrivateKey, makePkcs8 } from '../../../src/core/hsm/algorithms/key-encoding.ts';
import { sm2 } from '../../../src/core/hsm/algorithms/sm2.ts';
import { derNumber, readSm2Point, SM2_CURVE } from '../../../src/core/hsm/algorithms/sm2-curve.ts';
import { sm2Digest, sm2SignWith, sm2Verify } from '../../../src/core/hsm/algorithms/sm2-dsa.ts';
import { sm2Decrypt, sm2EncryptWith } from '../../../src/core/hsm/algorithms/sm2-pke.ts';
import { openssl, opensslVersion } from '../../support/openssl.ts';

/** GB/T 32918.5-2017, annex A: one key and one nonce for all examples. */
const SCALAR = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const POINT = fromHex(
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
);
const NONCE = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n;
const SM2_OID = '2a811ccf5501822d';

const publicPoint = readSm2Point(POINT);
if (publicPoint === null) throw new Error('the public key of the examples is not on the curve');
const identifier = algorithmIdentifier('2a8648ce3d0201', SM2_OID);
const pkcs8Of = (scalar: Uint8Array, point: Uint8Array) => makePkcs8(identifier, makeEcPrivateKey(scalar, point));
const newKey = async () => sm2.privateKey(await sm2.generate(systemRandom));
const raw = (message: Uint8Array) => ({ algorithm: 'SM2DSA', messageType: 'RAW', message }) as const;

describe('the examples of GB/T 32918.5, annex A', () => {
  test('the digest of a message, with the default distinguishing id', () => {
    expect(toHex(sm2Digest(publicPoint, utf8('message digest')))).toBe(
      'f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640',
    );
  });

  test('the signature', () => {
    const digest = sm2Digest(publicPoint, utf8('message digest'));
    const signature = sm2SignWith(SCALAR, digest, NONCE) ?? new Uint8Array();
    const r = BigInt('0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3');
    const s = BigInt('0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa');
    expect(toHex(signature)).toBe(toHex(derElement(0x30, derNumber(r), derNumber(s))));
    expect(sm2Verify(publicPoint, digest, signature)).toBe(true);
  });

  test('the ciphertext', () => {
    const x1 = BigInt('0x04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73');
    const y1 = BigInt('0xe858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0');
    const c3 = fromHex('59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766');
    const c2 = fromHex('21886ca989ca9c7d58087307ca93092d651efa');
    const expected = derElement(0x30, derNumber(x1), derNumber(y1), derElement(0x04, c3), derElement(0x04, c2));
    expect(toHex(sm2EncryptWith(publicPoint, utf8('encryption standard'), NONCE) ?? c2)).toBe(toHex(expected));
    expect(sm2Decrypt(SCALAR, expected)).toEqual(utf8('encryption standard'));
  });

  test('the public key', () => {
    const key = sm2.privateKey(pkcs8Of(SCALAR, POINT));
    expect(toHex(key.spki.slice(-65))).toBe(toHex(POINT));
  });
});

describe.skipIf(opensslVersion === null)(`against ${opensslVersion ?? 'openssl'}`, () => {
  const DISTID = ['-pkeyopt', 'distid:1234567812345678'];
  const RAW = ['-rawin', '-digest', 'sm3'];
  const generated = () => {
    const key = openssl(['genpkey', '-algorithm', 'SM2'], {}) ?? Buffer.alloc(0);
    return openssl(['pkcs8', '-topk8', '-nocrypt', '-in', '{key}', '-outform', 'DER'], { key }) ?? Buffer.alloc(0);
  };

  test('its keys are read, and ours are keys to it', async () => {
    const theirs = sm2.fromPkcs8(new Uint8Array(generated()));
    expect(theirs).not.toBeNull();
    const material = await sm2.generate(systemRandom);
    const { spki } = sm2.privateKey(material);
    const derived = openssl(['pkey', '-in', '{key}', '-inform', 'DER', '-pubout', '-outform', 'DER'], {
      key: sm2.toPkcs8(material),
    });
    expect(toHex(new Uint8Array(derived ?? []))).toBe(toHex(spki));
  });

  test('it verifies what we sign, and we what it signs', async () => {
    for (const message of [new Uint8Array(), utf8('message digest'), systemRandom.bytes(4096)]) {
      const material = await sm2.generate(systemRandom);
      const key = sm2.privateKey(material);
      const signature = (await key.sign?.(raw(message), systemRandom)) ?? new Uint8Array();
      const files = { key: sm2.toPkcs8(material), pub: key.spki, message, signature };
      const verified = openssl(
        [
          'pkeyutl',
          '-verify',
          '-pubin',
          '-inkey',
          '{pub}',
          '-keyform',
          'DER',
          '-in',
          '{message}',
          ...RAW,
          '-sigfile',
          '{signature}',
          ...DISTID,
        ],
        files,
      );
      expect(verified?.toString()).toContain('Verified Successfully');
      const theirs = openssl(
        ['pkeyutl', '-sign', '-inkey', '{key}', '-keyform', 'DER', '-in', '{message}', ...RAW, ...DISTID],
        files,
      );
      expect(key.verify?.(raw(message), new Uint8Array(theirs ?? []))).toBe(true);
    }
  });

  test('it decrypts what we encrypt, and we what it encrypts', async () => {
    for (const plaintext of [utf8('x'), utf8('encryption standard'), systemRandom.bytes(1024)]) {
      const material = await sm2.generate(systemRandom);
      const key = sm2.privateKey(material);
      const ciphertext = key.encrypt?.('SM2PKE', plaintext, systemRandom) ?? new Uint8Array();
      const files = { key: sm2.toPkcs8(material), pub: key.spki, plaintext, ciphertext };
      const opened = openssl(
        ['pkeyutl', '-decrypt', '-inkey', '{key}', '-keyform', 'DER', '-in', '{ciphertext}'],
        files,
      );
      expect(new Uint8Array(opened ?? [])).toEqual(plaintext);
      const theirs = openssl(
        ['pkeyutl', '-encrypt', '-pubin', '-inkey', '{pub}', '-keyform', 'DER', '-in', '{plaintext}'],
        files,
      );
      expect(key.decrypt?.('SM2PKE', new Uint8Array(theirs ?? []))).toEqual(plaintext);
    }
  });
});

describe('what SM2 refuses', () => {
  test('a signature with any bit changed, of another message or by another key', async () => {
    const key = await newKey();
    const other = await newKey();
    const message = utf8('message');
    const signature = (await key.sign?.(raw(message), systemRandom)) ?? new Uint8Array();
    expect(key.verify?.(raw(message), signature)).toBe(true);
    expect(other.verify?.(raw(message), signature)).toBe(false);
    expect(key.verify?.(raw(utf8('Message')), signature)).toBe(false);
    for (let bit = 0; bit < signature.length * 8; bit += 3) {
      const changed = signature.with(bit >> 3, (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      expect([bit, key.verify?.(raw(message), changed)]).toEqual([bit, false]);
    }
  });

  test('numbers out of range, other encodings of the same numbers, and a digest signed as a message', async () => {
    const key = await newKey();
    const point = readSm2Point(key.spki.slice(-65));
    if (point === null) throw new Error('no point');
    const digest = sm2Digest(point, utf8('x'));
    const der = (r: bigint, s: bigint) => derElement(0x30, derNumber(r), derNumber(s));
    const { n } = SM2_CURVE;
    for (const [r, s] of [
      [0n, 1n],
      [1n, 0n],
      [n, 1n],
      [1n, n],
      [1n, n - 1n],
    ] as const) {
      expect(sm2Verify(point, digest, der(r, s))).toBe(false);
    }
    const signature = (await key.sign?.(raw(utf8('x')), systemRandom)) ?? new Uint8Array();
    expect(key.verify?.({ ...raw(digest), messageType: 'DIGEST' }, signature)).toBe(true);
    expect(key.verify?.(raw(digest), signature)).toBe(false);
    const padded = concat(
      Uint8Array.of(0x30, (signature[1] ?? 0) + 1, 2, (signature[3] ?? 0) + 1, 0),
      signature.slice(4),
    );
    for (const wrong of [padded, concat(signature, Uint8Array.of(0)), signature.slice(0, -1), new Uint8Array()]) {
      expect(key.verify?.(raw(utf8('x')), wrong)).toBe(false);
    }
  });

  test('a ciphertext with any byte changed, to another key, or of a point that is not on the curve', async () => {
    const key = await newKey();
    const other = await newKey();
    const ciphertext = key.encrypt?.('SM2PKE', utf8('secret'), systemRandom) ?? new Uint8Array();
    expect(other.decrypt?.('SM2PKE', ciphertext)).toBeNull();
    for (let at = 0; at < ciphertext.length; at += 1) {
      const changed = ciphertext.with(at, (ciphertext[at] ?? 0) ^ (1 << (at % 8)));
      expect([at, key.decrypt?.('SM2PKE', changed) ?? null]).toEqual([at, null]);
    }
  });

  test('private keys out of range or with another’s public key, and points that are none', async () => {
    const { n } = SM2_CURVE;
    const scalarOf = (value: bigint) => fromHex(value.toString(16).padStart(64, '0'));
    for (const value of [0n, n - 1n, n, n + 1n]) expect(sm2.fromPkcs8(pkcs8Of(scalarOf(value), POINT))).toBeNull();
    expect(sm2.fromPkcs8(pkcs8Of(scalarOf(5n), POINT))).toBeNull();
    expect(sm2.fromPkcs8(pkcs8Of(SCALAR, POINT))).not.toBeNull();
    const { spki } = await newKey();
    expect(sm2.publicKey(spki)).not.toBeNull();
    expect(sm2.publicKey(spki.with(-1, (spki.at(-1) ?? 0) ^ 1))).toBeNull();
    expect(sm2.publicKey(concat(spki.slice(0, -65), Uint8Array.of(0)))).toBeNull();
  });

  test('whatever the bytes, nothing but an answer', async () => {
    const key = await newKey();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(key.decrypt?.('SM2PKE', bytes) ?? null).toBeNull();
        expect(key.verify?.(raw(bytes), bytes)).toBe(false);
        expect(key.deriveSharedSecret?.(bytes) ?? null).toBeNull();
        expect(sm2.fromPkcs8(bytes)).toBeNull();
      }),
    );
  });
});

test('both sides of an agreement have the same secret, and none is agreed on with another curve', async () => {
  const [a, b] = [await newKey(), await newKey()];
  const secret = a.deriveSharedSecret?.(b.spki);
  expect(secret).toHaveLength(32);
  expect(secret).toEqual(b.deriveSharedSecret?.(a.spki));
});

test('a nonce is never the same twice, whatever the generator of random numbers gives', async () => {
  const stuck = { bytes: (length: number) => new Uint8Array(length) };
  const key = await newKey();
  const r = (signature: Uint8Array | undefined) => toHex(signature?.slice(4, 36) ?? new Uint8Array());
  const [one, two] = [await key.sign?.(raw(utf8('one')), stuck), await key.sign?.(raw(utf8('two')), stuck)];
  expect(r(one)).not.toBe(r(two));
});
