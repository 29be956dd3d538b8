import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { p256FromScalar, p256PublicKey, signP256 } from '../../../src/core/crypto/ecdsa-p256.ts';
import { hmacSha256Hex } from '../../../src/core/crypto/hmac.ts';
import { deriveSigV4aScalar, deriveSigV4Key } from '../../../src/core/crypto/sigv4-key.ts';

const FOLDER = new URL('../../../../shared/vectors/aws-sigv4/', import.meta.url);
const present = existsSync(FOLDER);
const title = present ? 'AWS signing suite' : 'AWS signing suite (skipped: ../shared/vectors/aws-sigv4 is not here)';
const Context = z.object({
  credentials: z.object({ access_key_id: z.string(), secret_access_key: z.string() }),
  region: z.string(),
  service: z.string(),
  timestamp: z.string(),
});
const Point = z.object({ X: z.string(), Y: z.string() });

test('AWS’s documented example of key derivation', () => {
  const secret = utf8('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');
  expect(toHex(deriveSigV4Key(secret, '20150830', 'us-east-1', 'iam'))).toBe(
    'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
  );
  expect(new TextDecoder().decode(secret)).toBe('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');
});

describe.skipIf(!present)(title, () => {
  const read = (path: string) => readFileSync(new URL(path, FOLDER), 'utf8');
  const cases = (suite: string, needed: string) =>
    present
      ? readdirSync(new URL(`${suite}/`, FOLDER)).filter((name) =>
          existsSync(new URL(`${suite}/${name}/${needed}`, FOLDER)),
        )
      : [];

  test('has 38 complete cases of each', () => {
    expect(cases('v4', 'context.json')).toHaveLength(38);
    expect(cases('v4a', 'public-key.json')).toHaveLength(38);
  });

  test.each(cases('v4', 'context.json'))('v4 %s', (name) => {
    const context = Context.parse(JSON.parse(read(`v4/${name}/context.json`)));
    const date = context.timestamp.slice(0, 10).replaceAll('-', '');
    const key = deriveSigV4Key(utf8(context.credentials.secret_access_key), date, context.region, context.service);
    for (const form of ['header', 'query']) {
      const stringToSign = read(`v4/${name}/${form}-string-to-sign.txt`);
      expect(hmacSha256Hex(key, stringToSign)).toBe(read(`v4/${name}/${form}-signature.txt`).trim());
    }
  });

  test.each(cases('v4a', 'public-key.json'))('v4a %s', (name) => {
    const context = Context.parse(JSON.parse(read(`v4a/${name}/context.json`)));
    const point = Point.parse(JSON.parse(read(`v4a/${name}/public-key.json`)));
    const { access_key_id, secret_access_key } = context.credentials;
    const key = p256FromScalar(deriveSigV4aScalar(utf8(secret_access_key), access_key_id));
    const spki = p256PublicKey(key);
    expect(toHex(spki.subarray(-64))).toBe(point.X + point.Y);
    const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const stringToSign = Buffer.from(read(`v4a/${name}/header-string-to-sign.txt`));
    const theirs = Buffer.from(read(`v4a/${name}/header-signature.txt`).trim(), 'hex');
    expect(verify('sha256', stringToSign, publicKey, theirs)).toBe(true);
    expect(verify('sha256', stringToSign, publicKey, signP256(key, stringToSign))).toBe(true);
  });
});

test('a P-256 key built from its scalar is a whole PKCS#8 key', () => {
  const scalar = new Uint8Array(32);
  scalar[31] = 1;
  const key = p256FromScalar(scalar);
  const again = createPrivateKey(key.export({ format: 'pem', type: 'pkcs8' }));
  expect(again.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  // SEC 2, section 2.4.2: the base point.
  expect(toHex(p256PublicKey(key).subarray(-64, -32))).toBe(
    '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
  );
});
