import type { KmsKeyringNodeInput } from '@aws-crypto/client-node';
import type { KmsSession } from './kms-session.ts';

type Supplier = NonNullable<KmsKeyringNodeInput['clientProvider']>;

/** The session's clients as the Encryption SDK wants them: one for each region that a key's ARN names. */
export function supplyClient(kms: KmsSession): Supplier {
  return (region) => {
    const client = kms.client(region);
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
