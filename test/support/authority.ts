import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { type AuthorityKey, createAuthority, createLeaf } from '../../src/aws/authority.ts';

export const random = { bytes: (length: number) => randomBytes(length) };

export function caKey(): AuthorityKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-65),
    sign: async (tbs) => sign('sha256', tbs, privateKey),
  };
}

/** A CA and a server certificate of it for this machine. */
export async function authority() {
  const key = caKey();
  const now = Date.now();
  const ca = await createAuthority(key, random, now);
  return { key, ca, leaf: await createLeaf({ pem: ca.pem, key }, random, now), now };
}
