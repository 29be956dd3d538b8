import type { Random } from '../../ports.ts';
import type { AsymEncryptionAlgorithm, MessageType, SigningAlgorithm } from '../protocol.ts';

/** What is signed, already checked against signing-rules.ts. */
export interface ToSign {
  algorithm: SigningAlgorithm;
  messageType: MessageType;
  message: Uint8Array;
}

/** A public key, ready to use. What its spec cannot do is not there. */
export interface PublicKey {
  /** SubjectPublicKeyInfo DER. */
  readonly spki: Uint8Array;
  /** Never throws for a signature, however it is made. */
  verify?(toSign: ToSign, signature: Uint8Array): boolean;
  /** The longest plaintext, in bytes. */
  longestPlaintext?(algorithm: AsymEncryptionAlgorithm): number;
  encrypt?(algorithm: AsymEncryptionAlgorithm, plaintext: Uint8Array, random: Random): Uint8Array;
  encapsulate?(random: Random): { sharedSecret: Uint8Array; ciphertext: Uint8Array };
}

/** A private key, ready to use. It may keep views of the material it was made from: both are used and dropped together. */
export interface PrivateKey extends PublicKey {
  /** Slow signatures (RSA, large curves) are made off the event loop. */
  sign?(toSign: ToSign, random: Random): Uint8Array | Promise<Uint8Array>;
  /** Null when it does not decrypt. The plaintext is the caller's to wipe. */
  decrypt?(algorithm: AsymEncryptionAlgorithm, ciphertext: Uint8Array): Uint8Array | null;
  /** Length of a ciphertext (RSA). */
  readonly ciphertextBytes?: number;
  /** RSAES-PKCS1-v1_5, for imports alone: whoever may ask twice with different bytes has a padding oracle. */
  decryptPkcs1?(ciphertext: Uint8Array): Uint8Array | null;
  /** Null when the peer's key (SubjectPublicKeyInfo DER) is not on this curve. */
  deriveSharedSecret?(peer: Uint8Array): Uint8Array | null;
  /** Null for a wrong length. */
  decapsulate?(ciphertext: Uint8Array): Uint8Array | null;
  /** Overwrites what was derived from the material. */
  wipe?(): void;
}

/** What one spec of key pairs can do. Material is what is kept of a private key (protocol-kms.ts, `KeyPairSpec`). */
export interface KeyPairAlgorithm {
  readonly signing: readonly SigningAlgorithm[];
  /** Only these are ever asked of its keys. */
  readonly encryption?: readonly AsymEncryptionAlgorithm[];
  /** New material, the caller's to wipe. */
  generate(random: Random): Uint8Array | Promise<Uint8Array>;
  /** Throws for what is not material of this spec. */
  privateKey(material: Uint8Array): PrivateKey;
  /** Null when this is not a SubjectPublicKeyInfo of this spec. */
  publicKey(spki: Uint8Array): PublicKey | null;
  /** PKCS#8 DER as other programs read it; the caller's to wipe. */
  toPkcs8(material: Uint8Array): Uint8Array;
  /** Material from another program's PKCS#8 DER, the caller's to wipe; null when it is no sound key of this spec. */
  fromPkcs8(pkcs8: Uint8Array): Uint8Array | null;
}
