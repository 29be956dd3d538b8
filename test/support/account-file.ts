import { constants, publicEncrypt } from 'node:crypto';
import type { KMS } from '@aws-sdk/client-kms';
import type { KeyholdClient } from '../../src/client/client.ts';
import type { Result } from '../../src/contract/methods.ts';
import { PASSWORD } from './hsm.ts';

export const PASSPHRASE = 'six ordinary words for one file';
const utf8 = new TextEncoder();

export function exportAccount(
  client: KeyholdClient,
  path: string,
  { name = 'lab', password = PASSWORD, overwrite = false } = {},
): Promise<Result<'account.export'>> {
  return client.callSealed('account.export', async (seal) => ({
    name,
    path,
    passphrase: await seal('passphrase', utf8.encode(PASSPHRASE)),
    authorize: { factor: 'password', sealed: await seal('password', utf8.encode(password)) },
    ...(overwrite ? { overwrite } : {}),
  }));
}

export function importAccount(
  client: KeyholdClient,
  path: string,
  { name, passphrase = PASSPHRASE }: { name?: string; passphrase?: string } = {},
): Promise<Result<'account.import'>> {
  return client.callSealed('account.import', async (seal) => ({
    path,
    passphrase: await seal('passphrase', utf8.encode(passphrase)),
    ...(name === undefined ? {} : { name }),
  }));
}

/** Imports symmetric material into an EXTERNAL key; answers its id. */
export async function importMaterial(
  client: KMS,
  KeyId: string,
  material: Uint8Array,
  ValidTo?: Date,
): Promise<string> {
  const { ImportToken, PublicKey = new Uint8Array() } = await client.getParametersForImport({
    KeyId,
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_2048',
  });
  const key = { key: Buffer.from(PublicKey), format: 'der', type: 'spki' } as const;
  const padded = { ...key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const { KeyMaterialId = '' } = await client.importKeyMaterial({
    KeyId,
    ImportToken,
    EncryptedKeyMaterial: publicEncrypt(padded, material),
    ...(ValidTo === undefined
      ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
      : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo }),
  });
  return KeyMaterialId;
}
