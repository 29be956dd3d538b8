import { z } from 'zod';
import type { EnvelopeKms } from './envelope-kms.ts';

/** Calls an operation of the KMS in a Region; input and output are AWS JSON 1.1. */
export type AskKms = (region: string, operation: string, input: Record<string, unknown>) => Promise<unknown>;

const Bytes = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const DataKey = z.object({ KeyId: z.string(), CiphertextBlob: Bytes, Plaintext: Bytes });
const Encrypted = z.object({ KeyId: z.string(), CiphertextBlob: Bytes });
const Decrypted = z.object({ KeyId: z.string(), Plaintext: Bytes });
const Described = z.object({ KeyMetadata: z.object({ Arn: z.string() }) });

/** A local account's KMS inside this process: what the Encryption SDK asks of it takes no way over the network. */
export function localKms(place: { accountId: string; region: string }, ask: AskKms): EnvelopeKms {
  return {
    ...place,
    supply: (region) => ({
      generateDataKey: async ({ KeyId, NumberOfBytes, EncryptionContext }) =>
        DataKey.parse(await ask(region, 'GenerateDataKey', { KeyId, NumberOfBytes, EncryptionContext })),
      encrypt: async ({ KeyId, Plaintext, EncryptionContext }) =>
        Encrypted.parse(await ask(region, 'Encrypt', { KeyId, Plaintext: base64(Plaintext), EncryptionContext })),
      decrypt: async ({ KeyId, CiphertextBlob, EncryptionContext }) =>
        Decrypted.parse(
          await ask(region, 'Decrypt', { KeyId, CiphertextBlob: base64(CiphertextBlob), EncryptionContext }),
        ),
    }),
    findKey: async (region, KeyId) => Described.parse(await ask(region, 'DescribeKey', { KeyId })).KeyMetadata.Arn,
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
