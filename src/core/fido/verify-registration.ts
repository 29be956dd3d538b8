import { utf8 } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import { sha256 } from '../crypto/sha256.ts';
import { type Attestation, readAttestation } from './attestation.ts';
import { readAuthData } from './auth-data.ts';
import type { CborMap } from './cbor.ts';
import { type CoseAlgorithm, readCoseKey } from './cose-key.ts';

export interface RegistrationToVerify {
  rpId: string;
  authData: Uint8Array;
  /** 32 bytes that the security key was given. */
  clientDataHash: Uint8Array;
  /** Name of the attestation's format, and its statement as CBOR. */
  format: string;
  statement: Uint8Array;
  requireUserVerification: boolean;
}

export type RegistrationFlaw =
  | 'Malformed'
  | 'RpIdHash'
  | 'UserNotPresent'
  | 'UserNotVerified'
  | 'PublicKey'
  | 'Attestation';

export type RegistrationVerdict =
  | {
      verified: true;
      credentialId: Uint8Array;
      /** COSE_Key. */
      publicKey: Uint8Array;
      algorithm: CoseAlgorithm;
      aaguid: Uint8Array;
      signCount: number;
      userVerified: boolean;
      extensions: CborMap | null;
      attestation: Attestation;
    }
  | { verified: false; flaw: RegistrationFlaw };

const HASH_BYTES = 32;

/**
 * WebAuthn level 3, section 7.1, from step 14 on. Pure: runs in the HSM process. An attestation that there is has to verify, and there may be none. The
 * byte strings are copies.
 */
export function verifyRegistration(registration: RegistrationToVerify): RegistrationVerdict {
  const { authData, clientDataHash, format, statement } = registration;
  const data = readAuthData(authData);
  const credential = data?.credential ?? null;
  if (data === null || credential === null || clientDataHash.length !== HASH_BYTES) return refused('Malformed');
  const rpIdHash = sha256(utf8(registration.rpId));
  if (!equal(data.rpIdHash, rpIdHash)) return refused('RpIdHash');
  if (!data.userPresent) return refused('UserNotPresent');
  if (registration.requireUserVerification && !data.userVerified) return refused('UserNotVerified');
  const publicKey = readCoseKey(credential.publicKey);
  if (publicKey === null) return refused('PublicKey');
  const attestation = readAttestation({ format, statement, authData, rpIdHash, clientDataHash, credential, publicKey });
  if (attestation === null) return refused('Attestation');
  return {
    verified: true,
    credentialId: credential.credentialId.slice(),
    publicKey: credential.publicKey.slice(),
    algorithm: publicKey.algorithm,
    aaguid: credential.aaguid.slice(),
    signCount: data.signCount,
    userVerified: data.userVerified,
    extensions: data.extensions,
    attestation,
  };
}

function refused(flaw: RegistrationFlaw): RegistrationVerdict {
  return { verified: false, flaw };
}
