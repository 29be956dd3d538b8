import { KeyholdError } from '../../../contract/errors.ts';
import type { MessageType, SigningAlgorithm } from '../protocol.ts';
import type { ToSign } from './key-pair.ts';

export type DigestName = 'sha256' | 'sha384' | 'sha512';

interface SigningRule {
  /** The hash of the algorithm; what ML-DSA uses inside is none that a caller could compute beforehand, and SM2's covers the public key too. */
  digest: DigestName | null;
  /** Length of the message by type, in bytes; a missing type is not allowed, null is any length. */
  messages: Partial<Record<MessageType, number | null>>;
}

const hashed = (digest: DigestName, bytes: number): SigningRule => ({ digest, messages: { RAW: null, DIGEST: bytes } });
const SHA_256 = hashed('sha256', 32);
const SHA_384 = hashed('sha384', 48);
const SHA_512 = hashed('sha512', 64);

/** AWS KMS API reference, Sign, `MessageType`. */
const RULES: Record<SigningAlgorithm, SigningRule> = {
  RSASSA_PSS_SHA_256: SHA_256,
  RSASSA_PSS_SHA_384: SHA_384,
  RSASSA_PSS_SHA_512: SHA_512,
  RSASSA_PKCS1_V1_5_SHA_256: SHA_256,
  RSASSA_PKCS1_V1_5_SHA_384: SHA_384,
  RSASSA_PKCS1_V1_5_SHA_512: SHA_512,
  ECDSA_SHA_256: SHA_256,
  ECDSA_SHA_384: SHA_384,
  ECDSA_SHA_512: SHA_512,
  ED25519_SHA_512: { digest: 'sha512', messages: { RAW: null } },
  ED25519_PH_SHA_512: { digest: 'sha512', messages: { DIGEST: 64 } },
  ML_DSA_SHAKE_256: { digest: null, messages: { RAW: null, EXTERNAL_MU: 64 } },
  SM2DSA: { digest: null, messages: { RAW: null, DIGEST: 32 } },
};

export const EDWARDS_ALGORITHMS: readonly SigningAlgorithm[] = ['ED25519_SHA_512', 'ED25519_PH_SHA_512'];

export function isSigningAlgorithm(value: unknown): value is SigningAlgorithm {
  return typeof value === 'string' && Object.hasOwn(RULES, value);
}

/** `InvalidInput` when the algorithm does not take this type of message, or not of this length. */
export function requireMessageFits({ algorithm, messageType, message }: ToSign): void {
  const length = RULES[algorithm].messages[messageType];
  if (length === undefined) {
    throw new KeyholdError('InvalidInput', `${algorithm} does not take a message of type ${messageType}.`);
  }
  if (length !== null && length !== message.length) {
    throw new KeyholdError('InvalidInput', `${algorithm} takes a ${messageType} of ${length} bytes.`);
  }
}

/** Length of the hash of an algorithm that has one. */
export function digestBytes(algorithm: SigningAlgorithm): number {
  return { sha256: 32, sha384: 48, sha512: 64 }[digestOf(algorithm)];
}

/** The hash of an algorithm that has one. */
export function digestOf(algorithm: SigningAlgorithm): DigestName {
  const { digest } = RULES[algorithm];
  if (digest === null) throw new RangeError('this algorithm has no digest');
  return digest;
}
