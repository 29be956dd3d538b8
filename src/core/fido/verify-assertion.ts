import { concat, utf8 } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import { sha256 } from '../crypto/sha256.ts';
import { readAuthData } from './auth-data.ts';
import type { CborMap } from './cbor.ts';
import { readCoseKey } from './cose-key.ts';
import { verifySignature } from './verify-signature.ts';

export interface AssertionToVerify {
  rpId: string;
  /** COSE_Key of the enrolled credential. */
  publicKey: Uint8Array;
  /** As the security key sent it; of a U2F one as `u2fAuthenticate` puts it together, which are the very bytes that it signed. */
  authData: Uint8Array;
  /** 32 bytes that the security key was given. */
  clientDataHash: Uint8Array;
  signature: Uint8Array;
  /** The counter that was seen last, 0 at first. */
  signCount: number;
  requireUserVerification: boolean;
}

/** Why an assertion is not taken. `Cloned`: the signature is good, but the counter did not grow, so there may be two of this key. */
export type AssertionFlaw =
  | 'Malformed'
  | 'RpIdHash'
  | 'UserNotPresent'
  | 'UserNotVerified'
  | 'PublicKey'
  | 'Signature'
  | 'Cloned';

export type AssertionVerdict =
  | { verified: true; signCount: number; userVerified: boolean; extensions: CborMap | null }
  | { verified: false; flaw: AssertionFlaw };

const HASH_BYTES = 32;

/** WebAuthn level 3, section 7.2, steps 15 to 22. Pure: runs in the HSM process against the enrolled public key. */
export function verifyAssertion(assertion: AssertionToVerify): AssertionVerdict {
  const data = readAuthData(assertion.authData);
  if (data === null || data.credential !== null || assertion.clientDataHash.length !== HASH_BYTES) {
    return refused('Malformed');
  }
  if (!equal(data.rpIdHash, sha256(utf8(assertion.rpId)))) return refused('RpIdHash');
  if (!data.userPresent) return refused('UserNotPresent');
  if (assertion.requireUserVerification && !data.userVerified) return refused('UserNotVerified');
  const publicKey = readCoseKey(assertion.publicKey);
  if (publicKey === null) return refused('PublicKey');
  const signed = concat(assertion.authData, assertion.clientDataHash);
  if (!verifySignature(publicKey.algorithm, publicKey.key, signed, assertion.signature)) return refused('Signature');
  if (!counterGrew(assertion.signCount, data.signCount)) return refused('Cloned');
  return {
    verified: true,
    signCount: data.signCount,
    userVerified: data.userVerified,
    extensions: data.extensions,
  };
}

/** 0 and 0: a security key without a counter. */
function counterGrew(before: number, now: number): boolean {
  return (before === 0 && now === 0) || now > before;
}

function refused(flaw: AssertionFlaw): AssertionVerdict {
  return { verified: false, flaw };
}
