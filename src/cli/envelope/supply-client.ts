import type { KMS } from '@aws-sdk/client-kms';
import type { DataKeys } from '../../daemon/envelope/envelope-kms.ts';

/** Clients as the Encryption SDK wants them: one for each region that a key's ARN names. */
export function supplyClient(clientOf: (region: string) => KMS): (region: string) => DataKeys {
  return (region) => {
    const client = clientOf(region);
    return {
      async generateDataKey(request) {
        const { KeyId, CiphertextBlob, Plaintext } = await client.generateDataKey(request);
        return {
          ...(KeyId === undefined ? {} : { KeyId }),
          ...(CiphertextBlob === undefined ? {} : { CiphertextBlob }),
          ...(Plaintext === undefined ? {} : { Plaintext }),
        };
      },
      async encrypt(request) {
        const { KeyId, CiphertextBlob } = await client.encrypt(request);
        return {
          ...(KeyId === undefined ? {} : { KeyId }),
          ...(CiphertextBlob === undefined ? {} : { CiphertextBlob }),
        };
      },
      async decrypt(request) {
        const { KeyId, Plaintext } = await client.decrypt(request);
        return { ...(KeyId === undefined ? {} : { KeyId }), ...(Plaintext === undefined ? {} : { Plaintext }) };
      },
    };
  };
}
