import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import type { Random } from '../ports.ts';
import { wipe } from './wipe.ts';

/** HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message per encapsulation. */
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const IKM_BYTES = 32;
export const HPKE_PUBLIC_KEY_BYTES = 32;

export interface HpkeMessage {
  enc: Uint8Array;
  ciphertext: Uint8Array;
}

export interface HpkeRecipient {
  /** Raw X25519 public key, 32 bytes. */
  publicKey: Uint8Array;
  /** The plaintext, owned by the caller; null when it was not sealed to this key with this info. */
  open(message: HpkeMessage, info: Uint8Array): Promise<Uint8Array | null>;
}

/** A fresh key pair whose private half never leaves this closure. */
export async function createHpkeRecipient(random: Random): Promise<HpkeRecipient> {
  const ikm = random.bytes(IKM_BYTES);
  try {
    return await hpkeRecipientFrom(ikm);
  } finally {
    wipe(ikm);
  }
}

/** The key pair that follows from `ikm` (RFC 9180, DeriveKeyPair). The caller owns and wipes it. */
export async function hpkeRecipientFrom(ikm: Uint8Array): Promise<HpkeRecipient> {
  const pair = await suite.kem.deriveKeyPair(ikm);
  return {
    publicKey: new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)),
    async open(message, info) {
      try {
        const plaintext = await suite.open({ recipientKey: pair, enc: message.enc, info: info }, message.ciphertext);
        return new Uint8Array(plaintext);
      } catch {
        return null;
      }
    },
  };
}

/** Seals to a caller's raw X25519 public key; null when the key is not a usable one (wrong length, low order). */
export async function sealHpke(
  publicKey: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
): Promise<HpkeMessage | null> {
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
    const { enc, ct } = await suite.seal({ recipientPublicKey, info: info }, plaintext);
    return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
  } catch {
    return null;
  }
}
