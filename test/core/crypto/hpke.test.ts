import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { describe, expect, test } from 'vitest';
import { fromBase64 } from '../../../src/client/base64.ts';
import { createReplyKey, seal } from '../../../src/client/seal.ts';
import { toBase64, utf8 } from '../../../src/core/crypto/bytes.ts';
import { createHpkeRecipient, sealHpke } from '../../../src/core/crypto/hpke.ts';
import { systemRandom } from '../../../src/core/crypto/random.ts';

const INFO = utf8('keyhold/seal/v1/password');

describe('HPKE', () => {
  test('opens what a client sealed, for the same purpose only', async () => {
    const recipient = await createHpkeRecipient(systemRandom);
    const key = { sealKeyId: 'x', publicKey: toBase64(recipient.publicKey) };
    const sealed = await seal(key, 'password', utf8('secret'));
    const message = { enc: fromBase64(sealed.enc), ciphertext: fromBase64(sealed.ciphertext) };
    expect(await recipient.open(message, INFO)).toEqual(utf8('secret'));
    expect(await recipient.open(message, utf8('keyhold/seal/v1/recovery-code'))).toBeNull();
    const other = await createHpkeRecipient(systemRandom);
    expect(await other.open(message, INFO)).toBeNull();
  });

  test('opens nothing that was changed or cut', async () => {
    const recipient = await createHpkeRecipient(systemRandom);
    const message = await sealHpke(recipient.publicKey, INFO, utf8('secret'));
    if (message === null) throw new Error('not sealed');
    for (let at = 0; at < message.ciphertext.length; at++) {
      const changed = new Uint8Array(message.ciphertext);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await recipient.open({ ...message, ciphertext: changed }, INFO)).toBeNull();
    }
    for (const enc of [new Uint8Array(), new Uint8Array(31), new Uint8Array(32), new Uint8Array(33)]) {
      expect(await recipient.open({ ...message, enc }, INFO)).toBeNull();
    }
    expect(await recipient.open({ ...message, ciphertext: new Uint8Array() }, INFO)).toBeNull();
  });

  test('seals to a client’s reply key', async () => {
    const reply = await createReplyKey();
    const message = await sealHpke(fromBase64(reply.publicKey), utf8('keyhold/reply/v1/client-secret'), utf8('answer'));
    if (message === null) throw new Error('not sealed');
    const wire = { enc: toBase64(message.enc), ciphertext: toBase64(message.ciphertext) };
    expect(await reply.open(wire, 'client-secret')).toEqual(utf8('answer'));
    await expect(reply.open(wire, 'recovery-code')).rejects.toMatchObject({ code: 'Unauthorized' });
  });

  test('refuses public keys that are no key or of low order', async () => {
    const order8 = Uint8Array.from(
      Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex'),
    );
    for (const key of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(0), order8]) {
      expect(await sealHpke(key, INFO, utf8('x'))).toBeNull();
    }
  });

  test('is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM', async () => {
    const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
    const pair = await suite.kem.generateKeyPair();
    const publicKey = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
    const message = await sealHpke(publicKey, INFO, utf8('x'));
    if (message === null) throw new Error('not sealed');
    const opened = await suite.open({ recipientKey: pair, enc: message.enc, info: INFO }, message.ciphertext);
    expect(new Uint8Array(opened)).toEqual(utf8('x'));
  });
});
