import type { KmsKeyringNodeInput } from '@aws-crypto/client-node';

type SdkClient = Exclude<ReturnType<NonNullable<KmsKeyringNodeInput['clientProvider']>>, false>;
type Request<O extends keyof SdkClient> = Parameters<SdkClient[O]>[0];

/** What the Encryption SDK asks of one Region’s KMS. */
export interface DataKeys {
  generateDataKey(
    request: Request<'generateDataKey'>,
  ): Promise<{ KeyId?: string; CiphertextBlob?: Uint8Array; Plaintext?: Uint8Array }>;
  encrypt(request: Request<'encrypt'>): Promise<{ KeyId?: string; CiphertextBlob?: Uint8Array }>;
  decrypt(request: Request<'decrypt'>): Promise<{ KeyId?: string; Plaintext?: Uint8Array }>;
}

/** The KMS of one account as messages need it, however it is reached. */
export interface EnvelopeKms {
  readonly accountId: string;
  /** Where a key is looked for that is not named by its ARN. */
  readonly region: string;
  supply(region: string): DataKeys;
  /** The ARN of a key named by id, alias or ARN. Rejects where the KMS refuses. */
  findKey(region: string, key: string): Promise<string | undefined>;
}
