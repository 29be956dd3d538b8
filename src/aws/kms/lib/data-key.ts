import type { DataKeyPairSpec, DataKeySpec } from '@aws-sdk/client-kms';
import type { DataKeyPairSpec as HsmDataKeyPairSpec } from '../../../core/hsm/protocol.ts';
import { encryptionContextConditions } from '../../../core/kms/condition-keys.ts';
import type { EncryptionContext } from '../../../core/kms/encryption-context.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { GrantOperation, TrackedOperation } from '../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { Authorized } from '../../local/operation.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { authorizeKey } from './authorize-key.ts';
import { backingOf } from './backing.ts';
import { requireSpecHere } from './require-spec-here.ts';
import { aadOf, blobOf } from './symmetric.ts';
import { endDryRun, materialMember, noteUse, requireAlgorithm, requireUsable, requireUsage } from './use-key.ts';

/** The operations that make something new and encrypt it under a symmetric key. */
export type DataKeyOperation = Extract<GrantOperation & TrackedOperation, `GenerateDataKey${string}`>;

const HSM_SPECS: Readonly<Record<DataKeyPairSpec, HsmDataKeyPairSpec>> = {
  RSA_2048: 'RSA_2048',
  RSA_3072: 'RSA_3072',
  RSA_4096: 'RSA_4096',
  ECC_NIST_P256: 'EC_P256',
  ECC_NIST_P384: 'EC_P384',
  ECC_NIST_P521: 'EC_P521',
  ECC_SECG_P256K1: 'EC_SECP256K1',
  ECC_NIST_EDWARDS25519: 'ED25519',
  SM2: 'SM2',
  ML_KEM_512: 'ML_KEM_512',
  ML_KEM_768: 'ML_KEM_768',
  ML_KEM_1024: 'ML_KEM_1024',
};

interface Request {
  readonly KeyId: string;
  readonly EncryptionContext?: EncryptionContext | undefined;
  readonly GrantTokens?: string[] | undefined;
  readonly DryRun?: boolean | undefined;
}

export function authorizeDataKey(
  ctx: OperationContext,
  operation: DataKeyOperation,
  input: Request,
  keyPairSpec?: string,
): Promise<Authorized<ResolvedKey>> {
  return authorizeKey(ctx, input.KeyId, {
    action: operation,
    aliases: true,
    shared: true,
    conditions: {
      'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
      'kms:DataKeyPairSpec': keyPairSpec,
      ...encryptionContextConditions(input.EncryptionContext),
    },
    grant: { operation, context: input.EncryptionContext ?? {} },
    grantTokens: input.GrantTokens,
  });
}

function prepare(ctx: OperationContext, operation: DataKeyOperation, input: Request, found: ResolvedKey) {
  requireUsable(ctx, found);
  requireUsage(found, 'ENCRYPT_DECRYPT', operation);
  requireAlgorithm(found, 'EncryptionAlgorithms', 'SYMMETRIC_DEFAULT');
  return { aad: aadOf(found, input.EncryptionContext) };
}

/** Bytes of the data key that is asked for. */
export function dataKeyLength(spec: DataKeySpec | undefined, bytes: number | undefined): number {
  if ((spec === undefined) === (bytes === undefined)) {
    throw new KmsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  return bytes ?? (spec === 'AES_128' ? 16 : 32);
}

export async function makeDataKey(
  ctx: OperationContext,
  operation: DataKeyOperation,
  input: Request & { readonly KeySpec?: DataKeySpec | undefined; readonly NumberOfBytes?: number | undefined },
  found: ResolvedKey,
  reveal: boolean,
) {
  const length = dataKeyLength(input.KeySpec, input.NumberOfBytes);
  const { aad } = prepare(ctx, operation, input, found);
  endDryRun(input.DryRun);
  const made = await backingOf(ctx, found).generateDataKey({ aad, length, reveal });
  noteUse(ctx, found, operation);
  return {
    answer: {
      CiphertextBlob: blobOf(found, made.ciphertext),
      KeyId: found.arn,
      ...materialMember(found),
    },
    plaintext: made.plaintext,
  };
}

export async function makeDataKeyPair(
  ctx: OperationContext,
  operation: DataKeyOperation,
  input: Request & { readonly KeyPairSpec: DataKeyPairSpec },
  found: ResolvedKey,
  reveal: boolean,
) {
  const { KeyPairSpec } = input;
  requireSpecHere(ctx, KeyPairSpec);
  const spec = HSM_SPECS[KeyPairSpec];
  const { aad } = prepare(ctx, operation, input, found);
  endDryRun(input.DryRun);
  const made = await backingOf(ctx, found).generateDataKeyPair({ aad, spec, reveal });
  noteUse(ctx, found, operation);
  return {
    answer: {
      PrivateKeyCiphertextBlob: blobOf(found, made.privateCiphertext),
      PublicKey: made.publicKey,
      KeyId: found.arn,
      KeyPairSpec,
      ...materialMember(found),
    },
    plaintext: made.privatePlaintext,
  };
}
