import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../src/client/base64.ts';
import { createReplyKey, seal } from '../../src/client/seal.ts';
import type { SealPurpose } from '../../src/contract/schemas.ts';

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const text = new TextEncoder();

async function hsmSide() {
  const pair = await suite.kem.generateKeyPair();
  const publicKey = toBase64(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)));
  return { pair, sealKey: { sealKeyId: 'k1', publicKey } };
}

describe('seal', () => {
  test('what is sealed opens with the HSM’s private key and the purpose’s info string only', async () => {
    const { pair, sealKey } = await hsmSide();
    const sealed = await seal(sealKey, 'password', text.encode('correct horse'));
    expect(sealed.sealKeyId).toBe('k1');
    const open = (info: string) =>
      suite.open(
        { recipientKey: pair, enc: fromBase64(sealed.enc), info: text.encode(info) },
        fromBase64(sealed.ciphertext),
      );
    expect(new TextDecoder().decode(await open('keyhold/seal/v1/password'))).toBe('correct horse');
    await expect(open('keyhold/seal/v1/recovery-code')).rejects.toThrow();
    await expect(open('keyhold/reply/v1/password')).rejects.toThrow();
  });

  test('any bytes for any purpose round trip, and never the same ciphertext twice', async () => {
    const { pair, sealKey } = await hsmSide();
    const purposes: SealPurpose[] = ['password', 'recovery-code', 'secret-access-key', 'session-token'];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...purposes), async (bytes, purpose) => {
        const first = await seal(sealKey, purpose, bytes);
        const second = await seal(sealKey, purpose, bytes);
        expect(first.enc).not.toBe(second.enc);
        const plain = await suite.open(
          { recipientKey: pair, enc: fromBase64(first.enc), info: text.encode(`keyhold/seal/v1/${purpose}`) },
          fromBase64(first.ciphertext),
        );
        expect(new Uint8Array(plain)).toEqual(bytes);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  test('a public key of the wrong size is refused', async () => {
    await expect(seal({ sealKeyId: 'x', publicKey: 'AAAA' }, 'password', text.encode('p'))).rejects.toMatchObject({
      code: 'Internal',
    });
  });
});

describe('reply key', () => {
  async function sealTo(publicKey: string, purpose: string, plain: string) {
    const recipientPublicKey = await suite.kem.deserializePublicKey(fromBase64(publicKey));
    const { enc, ct } = await suite.seal(
      { recipientPublicKey, info: text.encode(`keyhold/reply/v1/${purpose}`) },
      text.encode(plain),
    );
    return { enc: toBase64(new Uint8Array(enc)), ciphertext: toBase64(new Uint8Array(ct)) };
  }

  test('opens what was sealed to it for the purpose', async () => {
    const key = await createReplyKey();
    expect(fromBase64(key.publicKey)).toHaveLength(32);
    const reply = await sealTo(key.publicKey, 'client-secret', 's3cr3t');
    expect(new TextDecoder().decode(await key.open(reply, 'client-secret'))).toBe('s3cr3t');
  });

  test('refuses another purpose, another key and edited bytes', async () => {
    const key = await createReplyKey();
    const other = await createReplyKey();
    const reply = await sealTo(key.publicKey, 'client-secret', 's3cr3t');
    const refused = { code: 'Unauthorized' };
    await expect(key.open(reply, 'recovery-code')).rejects.toMatchObject(refused);
    await expect(other.open(reply, 'client-secret')).rejects.toMatchObject(refused);
    const bytes = fromBase64(reply.ciphertext);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await expect(key.open({ ...reply, ciphertext: toBase64(bytes) }, 'client-secret')).rejects.toMatchObject(refused);
    await expect(key.open({ enc: 'not base64!', ciphertext: '' }, 'client-secret')).rejects.toMatchObject(refused);
  });
});

test('base64 round trips every byte string', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }),
  );
});
