import { createECDH, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../../src/contract/errors.ts';
import { derElement } from '../../../../src/core/crypto/der.ts';
import { derInteger } from '../../../../src/core/hsm/pkcs11/attributes.ts';
import { ckrOf, isVague, tokenError } from '../../../../src/core/hsm/pkcs11/ckr.ts';
import { ecdsaFromDer, ecdsaToDer } from '../../../../src/core/hsm/pkcs11/ecdsa-signature.ts';
import { curveOf, pointOf } from '../../../../src/core/hsm/pkcs11/templates.ts';
import { clusterIdOf } from '../../../../src/core/tokens/cluster-id.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('ECDSA signatures', () => {
  test('DER and r || s are two forms of the same two numbers', () => {
    for (const length of [32, 48, 66]) {
      fc.assert(
        fc.property(bytes(2 * length), fc.nat(length), (raw, zeros) => {
          raw.fill(0, 0, zeros);
          expect(ecdsaFromDer(ecdsaToDer(raw), length)).toEqual(raw);
        }),
      );
    }
  });

  test('as node:crypto writes both', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    for (let index = 0; index < 20; index++) {
      const der = sign('sha512', Buffer.from([index]), { key: privateKey, dsaEncoding: 'der' });
      const raw = ecdsaFromDer(der, 66);
      expect(raw).toHaveLength(132);
      expect(Buffer.from(ecdsaToDer(raw ?? new Uint8Array(0)))).toEqual(der);
    }
  });

  test('anything else is none: other bytes for the same numbers, numbers too long, garbage', () => {
    const one = derInteger(Uint8Array.of(1));
    const sequence = (...parts: Uint8Array[]) => derElement(0x30, ...parts);
    expect(ecdsaFromDer(sequence(one, one), 32)).toHaveLength(64);
    const padded = derElement(0x02, Uint8Array.of(0, 1));
    const negative = derElement(0x02, Uint8Array.of(0x80));
    for (const wrong of [
      sequence(padded, one),
      sequence(negative, one),
      sequence(one),
      sequence(one, one, one),
      sequence(one, derInteger(new Uint8Array(33).fill(1))),
      sequence(one, derElement(0x04, Uint8Array.of(1))),
      Uint8Array.of(...sequence(one, one), 0),
    ]) {
      expect(ecdsaFromDer(wrong, 32)).toBeNull();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (garbage) => {
        const read = ecdsaFromDer(garbage, 32);
        if (read !== null) expect(ecdsaToDer(read)).toEqual(garbage);
      }),
    );
  });
});

describe('attributes', () => {
  test('CKA_EC_POINT is read as the standard has it, and as some vendors do', () => {
    const ecdh = createECDH('prime256v1');
    const point = new Uint8Array(ecdh.generateKeys());
    expect(pointOf(point, 32)).toEqual(point);
    expect(pointOf(derElement(0x04, point), 32)).toEqual(point);
    expect(pointOf(derElement(0x03, point), 32)).toBeNull();
    expect(pointOf(point, 48)).toBeNull();
    const long = new Uint8Array(133).fill(9);
    expect(pointOf(derElement(0x04, long), 66)).toEqual(long);
  });

  test('CKA_EC_PARAMS names a curve or has parameters, which are nobody’s curve', () => {
    expect(curveOf(Buffer.from('06082a8648ce3d030107', 'hex'))).toBe('2a8648ce3d030107');
    for (const other of ['', '0608', '06072a8648ce3d030107', '30082a8648ce3d030107']) {
      expect(curveOf(Buffer.from(other, 'hex'))).toBeNull();
    }
  });

  test('an unsigned number is an INTEGER in the fewest bytes', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { n } = publicKey.export({ format: 'jwk' });
    const integer = Buffer.from(derInteger(new Uint8Array(Buffer.from(n ?? '', 'base64url'))));
    expect(publicKey.export({ format: 'der', type: 'spki' }).includes(integer)).toBe(true);
    expect(createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })).asymmetricKeyType).toBe('rsa');
    expect(derInteger(Uint8Array.of(0, 0, 1, 0))).toEqual(Uint8Array.of(2, 2, 1, 0));
    expect(derInteger(Uint8Array.of(0x80))).toEqual(Uint8Array.of(2, 2, 0, 0x80));
    expect(derInteger(new Uint8Array(3))).toEqual(Uint8Array.of(2, 1, 0));
  });
});

describe('what a module answers', () => {
  const answered = (message: string, code: number) => Object.assign(new Error(message), { code });

  test('is told in words, with its name', () => {
    expect(tokenError(answered('CKR_DEVICE_REMOVED', 0x32))).toMatchObject({
      code: 'TokenUnavailable',
      message: 'The token was taken away or has lost its connection. (CKR_DEVICE_REMOVED)',
      details: { ckr: 'CKR_DEVICE_REMOVED' },
    });
    expect(tokenError(answered('CKR_PIN_LOCKED', 0xa4))).toMatchObject({ code: 'TokenPinRefused' });
    expect(tokenError(answered('CKR_MECHANISM_INVALID', 0x70))).toMatchObject({ code: 'Unsupported' });
    expect(tokenError(answered('UNKNOWN', 0x8000_0001))).toMatchObject({
      code: 'HsmRefused',
      details: { ckr: 'CKR_0x80000001' },
    });
  });

  test('is not mixed up with our own errors and defects', () => {
    const own = new KeyholdError('NotFound', 'x');
    expect(ckrOf(own)).toBeNull();
    expect(tokenError(own)).toBe(own);
    const defect = new TypeError('x');
    expect(tokenError(defect)).toBe(defect);
    expect(isVague(defect)).toBe(false);
    expect(isVague(answered('CKR_GENERAL_ERROR', 5))).toBe(true);
  });
});

test('a token’s cluster id has the form of AWS’s and follows from its record id alone', () => {
  expect(clusterIdOf('00'.repeat(16))).toBe('cluster-aaaaaaaaaaa');
  expect(clusterIdOf('ff'.repeat(16))).toBe('cluster-77777777777');
  fc.assert(
    fc.property(bytes(16), bytes(16), (one, two) => {
      const [a, b] = [one, two].map((id) => clusterIdOf(Buffer.from(id).toString('hex')));
      // CloudHsmClusterIdType of the KMS model: 19 to 24 characters.
      expect(a).toMatch(/^cluster-[a-z2-7]{11}$/);
      // 55 bits of the id; those two differ in some of them, but for once in a universe.
      if (Buffer.compare(one.subarray(0, 6), two.subarray(0, 6)) !== 0) expect(a).not.toBe(b);
    }),
  );
});
