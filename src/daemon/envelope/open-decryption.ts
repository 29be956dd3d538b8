import type { Duplex } from 'node:stream';
import { buildClient, CommitmentPolicy, KmsKeyringNode, type MessageHeader } from '@aws-crypto/client-node';
import { KeyholdError } from '../../contract/errors.ts';
import { MOST_DATA_KEYS } from '../../contract/files.ts';
import { partitionOf } from '../../contract/partitions.ts';
import type { DataKeys, EnvelopeKms } from './envelope-kms.ts';
import { asKeyholdError } from './kms-error.ts';
import { missingFrom } from './missing-from.ts';

export interface Decryption {
  /** Takes the message, gives the plaintext: frame by frame, each verified, and the signature over them all only at the end. */
  readonly stream: Duplex;
  /** The message's own encryption context; empty until its header has been verified. */
  context(): Record<string, string>;
  /** What to tell of a failure of the stream. */
  explain(error: unknown): unknown;
}

/**
 * Opens an AWS Encryption SDK message with whichever of its keys belongs to the account. Only messages with key commitment are read, and only those
 * that carry every pair of `wanted` in their context.
 */
export function openDecryption(kms: EnvelopeKms, wanted: Readonly<Record<string, string>>): Decryption {
  const { decryptStream } = buildClient({
    commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
    maxEncryptedDataKeys: MOST_DATA_KEYS,
  });
  let tried = false;
  let refusal: unknown;
  let header: MessageHeader | undefined;
  const supply = (region: string): DataKeys => {
    const client = kms.supply(region);
    return {
      ...client,
      async decrypt(request) {
        tried = true;
        try {
          return await client.decrypt(request);
        } catch (error) {
          refusal ??= error;
          throw error;
        }
      },
    };
  };
  const keyring = new KmsKeyringNode({
    clientProvider: supply,
    discovery: true,
    discoveryFilter: { accountIDs: [kms.accountId], partition: partitionOf(kms.region) },
  });
  const stream = decryptStream(keyring);
  stream.once('MessageHeader', (verified: MessageHeader) => {
    header = verified;
    const missing = missingFrom(verified.encryptionContext, wanted);
    if (missing === null) return;
    stream.emit(
      'error',
      new KeyholdError('InvalidCiphertext', `The file was not encrypted with the context ${missing}.`),
    );
  });
  return {
    stream,
    context: () => ({ ...header?.encryptionContext }),
    explain(error) {
      if (header !== undefined || error instanceof KeyholdError) return asKeyholdError(error);
      // The Encryption SDK’s own error carries the KMS’s one only as part of its text.
      if (refusal !== undefined) return asKeyholdError(refusal);
      if (!tried && isMissingKey(error)) {
        const message = `None of the keys that open this file is in the account ${kms.accountId}.`;
        return new KeyholdError('NotFound', message, undefined, { cause: error });
      }
      return asKeyholdError(error);
    },
  };
}

/** How the Encryption SDK says that its keyring had no key for the message. */
function isMissingKey(error: unknown): boolean {
  return error instanceof Error && error.message.includes('unencryptedDataKey has not been set');
}
