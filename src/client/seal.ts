import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { KeyholdError } from '../contract/errors.ts';
import type { ReplyPurpose, Sealed, SealedReply, SealPurpose } from '../contract/schemas.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** The running HSM process's public key, as `hsm.sealKey` answers it. */
export interface SealKey {
  sealKeyId: string;
  /** Raw X25519 public key, 32 bytes, base64. */
  publicKey: string;
}

/** A caller's own key pair for one answer. */
export interface ReplyKeyPair {
  /** Raw X25519 public key, 32 bytes, base64: goes into the call as `replyKey`. */
  readonly publicKey: string;
  /** Opens what the HSM sealed to this key for this purpose; `Unauthorized` when it was meant for another key or use. */
  open(reply: SealedReply, purpose: ReplyPurpose): Promise<Uint8Array<ArrayBuffer>>;
}

const PUBLIC_KEY_BYTES = 32;
const utf8 = new TextEncoder();

function createSuite(): CipherSuite {
  return new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
}

function sealInfo(purpose: SealPurpose): Uint8Array<ArrayBuffer> {
  return utf8.encode(`keyhold/seal/v1/${purpose}`);
}

function replyInfo(purpose: ReplyPurpose): Uint8Array<ArrayBuffer> {
  return utf8.encode(`keyhold/reply/v1/${purpose}`);
}

/**
 * Seals a secret to the HSM process (HPKE base mode, RFC 9180; suite and info string as the contract's `Sealed` says).
 * The caller still owns `bytes` and wipes them.
 */
export async function seal(sealKey: SealKey, purpose: SealPurpose, bytes: Uint8Array): Promise<Sealed> {
  const raw = fromBase64(sealKey.publicKey);
  if (raw.length !== PUBLIC_KEY_BYTES) {
    throw new KeyholdError('Internal', 'The vault answered a seal key of the wrong size. Restart Keyhold.');
  }
  const suite = createSuite();
  const recipientPublicKey = await suite.kem.deserializePublicKey(raw);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: sealInfo(purpose) }, bytes);
  return {
    sealKeyId: sealKey.sealKeyId,
    enc: toBase64(new Uint8Array(enc)),
    ciphertext: toBase64(new Uint8Array(ct)),
  };
}

/** Makes an X25519 key pair to which the HSM can seal one answer. The private half stays in this closure. */
export async function createReplyKey(): Promise<ReplyKeyPair> {
  const suite = createSuite();
  const pair = await suite.kem.generateKeyPair();
  const publicKey = toBase64(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)));
  return {
    publicKey,
    async open(reply, purpose) {
      try {
        const plaintext = await suite.open(
          { recipientKey: pair, enc: fromBase64(reply.enc), info: replyInfo(purpose) },
          fromBase64(reply.ciphertext),
        );
        return new Uint8Array(plaintext);
      } catch (cause) {
        throw new KeyholdError(
          'Unauthorized',
          'The vault’s answer was not sealed to this caller. Try again.',
          undefined,
          { cause },
        );
      }
    },
  };
}
