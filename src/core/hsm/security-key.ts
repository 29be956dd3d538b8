import { concat, lp, readLp, readU32, u32 } from '../crypto/bytes.ts';
import { readRegistration } from '../fido/read-registration.ts';
import { KEYHOLD_RP_ID } from '../fido/rp-id.ts';
import { type HsmObject, openObject } from './object.ts';
import type { RecordName } from './sealed-record.ts';
import type { VaultKeys } from './state.ts';

const MATERIAL_VERSION = 1;
const HEAD_BYTES = 5;

/** What is kept of a security key: no secret, but nobody else's word is taken for it. */
export interface KeptCredential {
  credentialId: Uint8Array;
  /** COSE_Key as the security key sent it. */
  publicKey: Uint8Array;
  signCount: number;
}

/** A security key whose object has been opened. */
export interface EnrolledKey extends KeptCredential {
  object: HsmObject;
  version: number;
}

/** Material of a SECURITY_KEY object: 1 || u32(counter) || lp(credential id) || lp(COSE key). */
export function writeSecurityKey({ credentialId, publicKey, signCount }: KeptCredential): Uint8Array {
  return concat(Uint8Array.of(MATERIAL_VERSION), u32(signCount), lp(credentialId), lp(publicKey));
}

function readSecurityKey(material: Uint8Array): KeptCredential | null {
  if (material.length < HEAD_BYTES || material[0] !== MATERIAL_VERSION) return null;
  const credentialId = readLp(material, HEAD_BYTES);
  const publicKey = credentialId && readLp(material, credentialId.next);
  if (credentialId === null || publicKey === null || publicKey.next !== material.length) return null;
  return {
    credentialId: new Uint8Array(credentialId.value),
    publicKey: new Uint8Array(publicKey.value),
    signCount: readU32(material, 1),
  };
}

/** The security keys among these records; what does not open, or is none, is left out: it opens no gate. */
export function openSecurityKeys(
  keys: VaultKeys,
  records: readonly (RecordName & { sealed: Uint8Array })[],
): EnrolledKey[] {
  return records.flatMap(({ id, version, sealed }) => {
    const object = openObject(keys, id, version, sealed);
    if (object?.attributes.spec !== 'SECURITY_KEY') return [];
    const kept = readSecurityKey(object.material);
    return kept === null ? [] : [{ ...kept, object, version }];
  });
}

/** The credential in the authenticator data of a registration; null where it is none of ours, was made without a touch, or cannot be verified later. */
export function newCredential(authenticatorData: Uint8Array): KeptCredential | null {
  const read = readRegistration({ rpId: KEYHOLD_RP_ID, authData: authenticatorData, requireUserVerification: false });
  if (!read.ok) return null;
  const { credentialId, publicKey } = read.credential;
  return {
    credentialId: new Uint8Array(credentialId),
    publicKey: new Uint8Array(publicKey),
    signCount: read.data.signCount,
  };
}
