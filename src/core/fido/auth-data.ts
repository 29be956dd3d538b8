import { readU32 } from '../crypto/bytes.ts';
import { type CborMap, readCbor } from './cbor.ts';

export interface AttestedCredential {
  /** Model of the security key, 16 bytes; zeros where it does not say. */
  aaguid: Uint8Array;
  credentialId: Uint8Array;
  /** COSE_Key as it was sent. */
  publicKey: Uint8Array;
}

export interface AuthData {
  rpIdHash: Uint8Array;
  userPresent: boolean;
  userVerified: boolean;
  signCount: number;
  credential: AttestedCredential | null;
  extensions: CborMap | null;
}

const FLAG = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40, ED: 0x80 } as const;
const HEAD_BYTES = 37;
const AAGUID_BYTES = 16;
const MOST_CREDENTIAL_ID_BYTES = 1023;

/** Authenticator data (WebAuthn level 3, section 6.1), every byte of it; null for anything else. Its byte strings are views. */
export function readAuthData(bytes: Uint8Array): AuthData | null {
  const flags = bytes[32];
  if (bytes.length < HEAD_BYTES || flags === undefined) return null;
  // A backup of what cannot be backed up: section 7.2 of WebAuthn has this refused.
  if ((flags & FLAG.BS) !== 0 && (flags & FLAG.BE) === 0) return null;
  const attested = (flags & FLAG.AT) === 0 ? { credential: null, next: HEAD_BYTES } : readAttested(bytes);
  if (attested === null) return null;
  const extended =
    (flags & FLAG.ED) === 0 ? { extensions: null, next: attested.next } : readExtensions(bytes, attested.next);
  if (extended?.next !== bytes.length) return null;
  return {
    rpIdHash: bytes.subarray(0, 32),
    userPresent: (flags & FLAG.UP) !== 0,
    userVerified: (flags & FLAG.UV) !== 0,
    signCount: readU32(bytes, 33),
    credential: attested.credential,
    extensions: extended.extensions,
  };
}

function readAttested(bytes: Uint8Array): { credential: AttestedCredential; next: number } | null {
  const lengthAt = HEAD_BYTES + AAGUID_BYTES;
  const high = bytes[lengthAt];
  const low = bytes[lengthAt + 1];
  if (high === undefined || low === undefined) return null;
  const length = high * 256 + low;
  const idAt = lengthAt + 2;
  const keyAt = idAt + length;
  if (length === 0 || length > MOST_CREDENTIAL_ID_BYTES || keyAt > bytes.length) return null;
  const key = readCbor(bytes, keyAt);
  if (!key.ok) return null;
  return {
    credential: {
      aaguid: bytes.subarray(HEAD_BYTES, lengthAt),
      credentialId: bytes.subarray(idAt, keyAt),
      publicKey: bytes.subarray(keyAt, key.next),
    },
    next: key.next,
  };
}

function readExtensions(bytes: Uint8Array, at: number): { extensions: CborMap; next: number } | null {
  const read = readCbor(bytes, at);
  return read.ok && read.value instanceof Map ? { extensions: read.value, next: read.next } : null;
}
