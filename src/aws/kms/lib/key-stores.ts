import { KmsError } from '../../../core/kms/kms-error.ts';

/** What is said of a custom key store that is not there. */
export function noSuchKeyStore(id: string): KmsError {
  return new KmsError('CustomKeyStoreNotFoundException', `Custom key store ${id} is not found.`);
}
