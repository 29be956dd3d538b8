import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { NONCE_BYTES, openAead, sealAead, TAG_BYTES } from '../../../src/core/crypto/aead.ts';
import { concat, fromHex, toHex } from '../../../src/core/crypto/bytes.ts';
import { type HmacHash, hmac } from '../../../src/core/crypto/hmac.ts';
import { hkdfSha256 } from '../../../src/core/crypto/kdf.ts';
import { secretKey } from '../../../src/core/crypto/secret-key.ts';

const FOLDER = new URL('../../../../shared/vectors/wycheproof/', import.meta.url);
const present = existsSync(FOLDER);
const title = present ? 'Wycheproof' : 'Wycheproof (skipped: ../shared/vectors/wycheproof is not here)';

function load<T>(file: string, group: z.ZodType<T>): T[] {
  return z.object({ testGroups: z.array(group) }).parse(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')))
    .testGroups;
}

const Result = z.enum(['valid', 'invalid', 'acceptable']);
const AeadGroup = z.object({
  ivSize: z.number(),
  keySize: z.number(),
  tagSize: z.number(),
  tests: z.array(
    z.object({
      tcId: z.number(),
      key: z.string(),
      iv: z.string(),
      aad: z.string(),
      msg: z.string(),
      ct: z.string(),
      tag: z.string(),
      result: Result,
    }),
  ),
});
const MacGroup = z.object({
  keySize: z.number(),
  tagSize: z.number(),
  tests: z.array(z.object({ tcId: z.number(), key: z.string(), msg: z.string(), tag: z.string(), result: Result })),
});
const HkdfGroup = z.object({
  tests: z.array(
    z.object({
      tcId: z.number(),
      ikm: z.string(),
      salt: z.string(),
      info: z.string(),
      size: z.number(),
      okm: z.string(),
      result: Result,
    }),
  ),
});

describe.skipIf(!present)(title, () => {
  test('AES-256-GCM, 96-bit nonces', () => {
    let run = 0;
    for (const group of load('aes_gcm_test.json', AeadGroup)) {
      if (group.keySize !== 256 || group.tagSize !== TAG_BYTES * 8) continue;
      for (const vector of group.tests) {
        const nonce = fromHex(vector.iv);
        const key = secretKey(fromHex(vector.key));
        const sealed = fromHex(vector.ct + vector.tag);
        const opened = openAead(key, nonce, fromHex(vector.aad), sealed);
        run++;
        if (vector.result !== 'valid' || nonce.length !== NONCE_BYTES) {
          expect(opened, `case ${vector.tcId}`).toBeNull();
          continue;
        }
        expect(opened === null ? null : toHex(opened), `case ${vector.tcId}`).toBe(vector.msg);
        expect(toHex(sealAead(key, nonce, fromHex(vector.aad), fromHex(vector.msg)))).toBe(toHex(sealed));
      }
    }
    expect(run).toBeGreaterThan(60);
  });

  test.each<[HmacHash, string]>([
    ['sha256', 'hmac_sha256_test.json'],
    ['sha384', 'hmac_sha384_test.json'],
    ['sha512', 'hmac_sha512_test.json'],
  ])('HMAC %s', (hash, file) => {
    let run = 0;
    for (const group of load(file, MacGroup)) {
      for (const vector of group.tests) {
        const key = fromHex(vector.key);
        const message = fromHex(vector.msg);
        const half = message.length >> 1;
        const tag = toHex(hmac(hash, key, message.subarray(0, half), message.subarray(half))).slice(
          0,
          group.tagSize / 4,
        );
        expect(tag === vector.tag, `case ${vector.tcId}`).toBe(vector.result === 'valid');
        expect(hmac(hash, secretKey(key), message)).toEqual(hmac(hash, key, message));
        run++;
      }
    }
    expect(run).toBeGreaterThan(100);
  });

  test('HKDF-SHA-256', () => {
    let run = 0;
    for (const group of load('hkdf_sha256_test.json', HkdfGroup)) {
      for (const vector of group.tests) {
        const derive = () => hkdfSha256(fromHex(vector.ikm), fromHex(vector.salt), fromHex(vector.info), vector.size);
        if (vector.result === 'valid') expect(toHex(derive()), `case ${vector.tcId}`).toBe(vector.okm);
        else expect(derive, `case ${vector.tcId}`).toThrow();
        run++;
      }
    }
    expect(run).toBeGreaterThan(50);
  });
});

test('AES-GCM refuses what is shorter than a tag', () => {
  const key = secretKey(new Uint8Array(32));
  for (let length = 0; length < TAG_BYTES; length++) {
    expect(openAead(key, new Uint8Array(NONCE_BYTES), new Uint8Array(), new Uint8Array(length))).toBeNull();
  }
  const sealed = sealAead(key, new Uint8Array(NONCE_BYTES), new Uint8Array(), new Uint8Array());
  expect(openAead(key, new Uint8Array(NONCE_BYTES), new Uint8Array(), concat(sealed))).toEqual(new Uint8Array());
});
