import { z } from 'zod';
import { KeyholdError } from '../../../contract/errors.ts';
import { call } from '../../api/keyhold.ts';

/** Where a call of the KMS goes: a local account, by its name here, and a Region. */
export interface Place {
  account: string;
  region: string;
}

export interface KmsTag {
  TagKey: string;
  TagValue: string;
}

export type EncryptionContext = Readonly<Record<string, string>>;

export interface GrantConstraints {
  EncryptionContextEquals?: EncryptionContext;
  EncryptionContextSubset?: EncryptionContext;
}

interface OfKey {
  KeyId: string;
}

/** Where an external key manager’s proxy is, and the credential that it knows Keyhold by. */
interface XksProxy {
  XksProxyConnectivity: 'PUBLIC_ENDPOINT';
  XksProxyUriEndpoint: string;
  XksProxyUriPath: string;
  XksProxyAuthenticationCredential: { AccessKeyId: string; RawSecretAccessKey: string };
}

/** What the screens ask of AWS's KMS API (2014-11-01). Blobs are base64, times seconds since the epoch. */
interface Inputs {
  CreateKey: {
    KeySpec: string;
    KeyUsage: string;
    Origin: string;
    Description?: string;
    Policy?: string;
    Tags?: readonly KmsTag[];
    MultiRegion?: boolean;
    CustomKeyStoreId?: string;
    XksKeyId?: string;
  };
  CreateAlias: { AliasName: string; TargetKeyId: string };
  DeleteAlias: { AliasName: string };
  UpdateKeyDescription: OfKey & { Description: string };
  EnableKey: OfKey;
  DisableKey: OfKey;
  ScheduleKeyDeletion: OfKey & { PendingWindowInDays: number };
  CancelKeyDeletion: OfKey;
  TagResource: OfKey & { Tags: readonly KmsTag[] };
  UntagResource: OfKey & { TagKeys: readonly string[] };
  GetKeyPolicy: OfKey;
  PutKeyPolicy: OfKey & { Policy: string };
  ListGrants: OfKey & { Marker?: string; Limit?: number };
  CreateGrant: OfKey & {
    GranteePrincipal: string;
    RetiringPrincipal?: string;
    Operations: readonly string[];
    Constraints?: GrantConstraints;
    Name?: string;
  };
  RevokeGrant: OfKey & { GrantId: string };
  EnableKeyRotation: OfKey & { RotationPeriodInDays: number };
  DisableKeyRotation: OfKey;
  RotateKeyOnDemand: OfKey;
  ListKeyRotations: OfKey & { IncludeKeyMaterial: 'ALL_KEY_MATERIAL'; Marker?: string; Limit?: number };
  GetParametersForImport: OfKey & { WrappingAlgorithm: string; WrappingKeySpec: string };
  ImportKeyMaterial: OfKey & {
    ImportToken: string;
    EncryptedKeyMaterial: string;
    ExpirationModel: 'KEY_MATERIAL_EXPIRES' | 'KEY_MATERIAL_DOES_NOT_EXPIRE';
    ValidTo?: number;
    ImportType?: 'NEW_KEY_MATERIAL' | 'EXISTING_KEY_MATERIAL';
    KeyMaterialDescription?: string;
  };
  DeleteImportedKeyMaterial: OfKey & { KeyMaterialId?: string };
  GetPublicKey: OfKey;
  Encrypt: OfKey & { Plaintext: string; EncryptionContext?: EncryptionContext; EncryptionAlgorithm?: string };
  Decrypt: {
    CiphertextBlob: string;
    KeyId?: string;
    EncryptionContext?: EncryptionContext;
    EncryptionAlgorithm?: string;
  };
  DescribeCustomKeyStores: { Marker?: string; Limit?: number };
  CreateCustomKeyStore: { CustomKeyStoreName: string } & (
    | { CustomKeyStoreType: 'AWS_CLOUDHSM'; CloudHsmClusterId: string }
    | ({ CustomKeyStoreType: 'EXTERNAL_KEY_STORE' } & XksProxy)
  );
  UpdateCustomKeyStore: { CustomKeyStoreId: string; NewCustomKeyStoreName?: string } & Partial<XksProxy>;
  ConnectCustomKeyStore: { CustomKeyStoreId: string };
  DisconnectCustomKeyStore: { CustomKeyStoreId: string };
  DeleteCustomKeyStore: { CustomKeyStoreId: string };
}

type KmsOperation = keyof Inputs;

const nothing = z.object({});
/** As the contract writes instants. */
const Time = z.number().transform((seconds) => new Date(Math.round(seconds * 1000)).toISOString());
const Context = z.record(z.string(), z.string());
/** AWS's three members of a page. */
const page = { NextMarker: z.string().optional(), Truncated: z.boolean().default(false) };

const Grant = z.object({
  GrantId: z.string(),
  Name: z.string().default(''),
  CreationDate: Time,
  GranteePrincipal: z.string().optional(),
  GranteeServicePrincipal: z.string().optional(),
  RetiringPrincipal: z.string().optional(),
  RetiringServicePrincipal: z.string().optional(),
  Operations: z.array(z.string()),
  Constraints: z
    .object({
      EncryptionContextEquals: Context.optional(),
      EncryptionContextSubset: Context.optional(),
      SourceArn: z.string().optional(),
    })
    .optional(),
});
export type Grant = z.output<typeof Grant>;

const Material = z.object({
  KeyMaterialId: z.string(),
  KeyMaterialState: z.enum(['CURRENT', 'NON_CURRENT', 'PENDING_ROTATION', 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION']),
  KeyMaterialDescription: z.string().optional(),
  ImportState: z.enum(['IMPORTED', 'PENDING_IMPORT']).optional(),
  ValidTo: Time.optional(),
  RotationDate: Time.optional(),
  RotationType: z.enum(['AUTOMATIC', 'ON_DEMAND']).optional(),
});
export type Material = z.output<typeof Material>;

const KeyStore = z.object({
  CustomKeyStoreId: z.string(),
  CustomKeyStoreName: z.string(),
  CustomKeyStoreType: z.enum(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']).default('AWS_CLOUDHSM'),
  ConnectionState: z.enum(['CONNECTED', 'CONNECTING', 'FAILED', 'DISCONNECTED', 'DISCONNECTING']),
  ConnectionErrorCode: z.string().optional(),
  CreationDate: Time,
  CloudHsmClusterId: z.string().optional(),
  XksProxyConfiguration: z
    .object({
      UriEndpoint: z.string().optional(),
      UriPath: z.string().optional(),
      Connectivity: z.string().optional(),
      AccessKeyId: z.string().optional(),
    })
    .optional(),
});
export type KeyStore = z.output<typeof KeyStore>;

const OUTPUTS = {
  CreateKey: z.object({ KeyMetadata: z.object({ KeyId: z.string(), Arn: z.string() }) }),
  CreateAlias: nothing,
  DeleteAlias: nothing,
  UpdateKeyDescription: nothing,
  EnableKey: nothing,
  DisableKey: nothing,
  ScheduleKeyDeletion: z.object({ DeletionDate: Time.optional() }),
  CancelKeyDeletion: nothing,
  TagResource: nothing,
  UntagResource: nothing,
  GetKeyPolicy: z.object({ Policy: z.string() }),
  PutKeyPolicy: nothing,
  ListGrants: z.object({ Grants: z.array(Grant), ...page }),
  CreateGrant: z.object({ GrantId: z.string(), GrantToken: z.string() }),
  RevokeGrant: nothing,
  EnableKeyRotation: nothing,
  DisableKeyRotation: nothing,
  RotateKeyOnDemand: nothing,
  ListKeyRotations: z.object({ Rotations: z.array(Material), ...page }),
  GetParametersForImport: z.object({ ImportToken: z.string(), PublicKey: z.string(), ParametersValidTo: Time }),
  ImportKeyMaterial: nothing,
  DeleteImportedKeyMaterial: nothing,
  GetPublicKey: z.object({ PublicKey: z.string() }),
  Encrypt: z.object({ CiphertextBlob: z.string() }),
  Decrypt: z.object({ Plaintext: z.string(), KeyId: z.string() }),
  DescribeCustomKeyStores: z.object({ CustomKeyStores: z.array(KeyStore), ...page }),
  CreateCustomKeyStore: z.object({ CustomKeyStoreId: z.string() }),
  UpdateCustomKeyStore: nothing,
  ConnectCustomKeyStore: nothing,
  DisconnectCustomKeyStore: nothing,
  DeleteCustomKeyStore: nothing,
} as const satisfies Record<KmsOperation, z.ZodType>;

type Outputs = { [O in KmsOperation]: z.output<(typeof OUTPUTS)[O]> };
/** The same by operation, which the compiler can follow for one that it does not know yet. */
const SCHEMAS: { [O in KmsOperation]: z.ZodType<Outputs[O]> } = OUTPUTS;

/** One operation of the KMS. Rejects with a KeyholdError: `ServiceRefused` for what AWS's API answers with an error. */
export async function kmsCall<O extends KmsOperation>(
  { account, region }: Place,
  operation: O,
  input: Inputs[O],
): Promise<Outputs[O]> {
  const { output } = await call('service.call', { account, region, service: 'kms', operation, input: { ...input } });
  return read(SCHEMAS[operation], output);
}

function read<T>(schema: z.ZodType<T>, output: unknown): T {
  const parsed = schema.safeParse(output);
  if (parsed.success) return parsed.data;
  throw new KeyholdError('Internal', 'The KMS answered in a form this page does not know. Reload the page.');
}

interface Page {
  NextMarker?: string | undefined;
  Truncated: boolean;
}

/** All pages of a list, up to `most` items; `more` says that there are others. */
export async function allPages<P extends Page, T>(
  load: (marker: { Marker?: string }) => Promise<P>,
  items: (page: P) => readonly T[],
  most = 5000,
): Promise<{ items: T[]; more: boolean }> {
  const all: T[] = [];
  let marker: { Marker?: string } = {};
  for (;;) {
    const page = await load(marker);
    all.push(...items(page));
    if (!page.Truncated || page.NextMarker === undefined) return { items: all, more: false };
    if (all.length >= most) return { items: all, more: true };
    marker = { Marker: page.NextMarker };
  }
}

/** The AWS name of a refusal, e.g. `MalformedPolicyDocumentException`; null for any other failure. */
export function refusalName(error: unknown): string | null {
  if (!(error instanceof KeyholdError) || error.code !== 'ServiceRefused') return null;
  const name = error.details?.['name'];
  return typeof name === 'string' ? name : null;
}
