import { type CborMap, cborMap } from './cbor.ts';

/** PublicKeyCredentialDescriptor (WebAuthn level 3, section 5.8.3). */
export function credentialDescriptor(id: Uint8Array): CborMap {
  return cborMap(['id', id], ['type', 'public-key']);
}

export function credentialDescriptors(ids: readonly Uint8Array[]): CborMap[] {
  return ids.map(credentialDescriptor);
}
