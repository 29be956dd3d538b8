import { type Attestation, readAttestation } from './attestation.ts';
import type { CborMap } from './cbor.ts';
import type { CoseAlgorithm } from './cose-key.ts';
import { type RegistrationFlaw, type RegistrationToRead, readRegistration } from './read-registration.ts';

export interface RegistrationToVerify extends RegistrationToRead {
  /** 32 bytes that the security key was given. */
  clientDataHash: Uint8Array;
  /** Name of the attestation's format, and its statement as CBOR. */
  format: string;
  statement: Uint8Array;
}

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
  | { verified: false; flaw: RegistrationFlaw | 'Attestation' };

const HASH_BYTES = 32;

/**
 * WebAuthn level 3, section 7.1, from step 14 on. An attestation that there is has to verify, and there may be none. Not for the HSM process, which reads the same credential
 * for itself and parses no certificates (docs/adr/0032-ctap.md). The byte strings are copies.
 */
export function verifyRegistration(registration: RegistrationToVerify): RegistrationVerdict {
  const { authData, clientDataHash, format, statement } = registration;
  if (clientDataHash.length !== HASH_BYTES) return { verified: false, flaw: 'Malformed' };
  const read = readRegistration(registration);
  if (!read.ok) return { verified: false, flaw: read.flaw };
  const { data, rpIdHash, credential, publicKey } = read;
  const attestation = readAttestation({ format, statement, authData, rpIdHash, clientDataHash, credential, publicKey });
  if (attestation === null) return { verified: false, flaw: 'Attestation' };
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
