import { utf8 } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import { sha256 } from '../crypto/sha256.ts';
import { type AttestedCredential, type AuthData, readAuthData } from './auth-data.ts';
import { type CredentialPublicKey, readCoseKey } from './cose-key.ts';

export interface RegistrationToRead {
  rpId: string;
  authData: Uint8Array;
  requireUserVerification: boolean;
}

export type RegistrationFlaw = 'Malformed' | 'RpIdHash' | 'UserNotPresent' | 'UserNotVerified' | 'PublicKey';

export type ReadRegistration =
  | { ok: true; data: AuthData; rpIdHash: Uint8Array; credential: AttestedCredential; publicKey: CredentialPublicKey }
  | { ok: false; flaw: RegistrationFlaw };

/** The new credential in authenticator data: for this site, made with a touch, and with a key that can be verified later. Pure: runs in the HSM process too. Its byte strings are views. */
export function readRegistration({ rpId, authData, requireUserVerification }: RegistrationToRead): ReadRegistration {
  const data = readAuthData(authData);
  const credential = data?.credential ?? null;
  if (data === null || credential === null) return refused('Malformed');
  const rpIdHash = sha256(utf8(rpId));
  if (!equal(data.rpIdHash, rpIdHash)) return refused('RpIdHash');
  if (!data.userPresent) return refused('UserNotPresent');
  if (requireUserVerification && !data.userVerified) return refused('UserNotVerified');
  const publicKey = readCoseKey(credential.publicKey);
  if (publicKey === null) return refused('PublicKey');
  return { ok: true, data, rpIdHash, credential, publicKey };
}

function refused(flaw: RegistrationFlaw): ReadRegistration {
  return { ok: false, flaw };
}
