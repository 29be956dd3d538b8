import {
  CreateAlias$,
  type CreateAliasCommandInput,
  type CreateAliasCommandOutput,
  DescribeKey$,
  type DescribeKeyCommandInput,
  type DescribeKeyCommandOutput,
  Encrypt$,
  type EncryptCommandInput,
  type EncryptCommandOutput,
  GetKeyPolicy$,
  type KMS,
  ListKeys$,
  type ListKeysCommandInput,
  type ListKeysCommandOutput,
  TagResource$,
  type TagResourceCommandInput,
  type TagResourceCommandOutput,
} from '@aws-sdk/client-kms';
import constraints from '../../../src/aws/kms/constraints.json' with { type: 'json' };
import { operation, refused } from '../../../src/aws/local/operation.ts';
import { openToken, sealToken } from '../../../src/aws/local/page-token.ts';
import { ServiceError } from '../../../src/aws/local/service-error.ts';
import { FREE, partOf } from './harness.ts';

/** What Encrypt was last called with. */
export const seen: { input: unknown } = { input: undefined };

const DAMAGE: Readonly<Record<string, () => Error>> = {
  missing: () => new ServiceError('NotFoundException', "Key 'missing' does not exist"),
  empty: () => new ServiceError('InvalidCiphertextException', ''),
  'dry-run': () => new ServiceError('DryRunOperationException', 'It would have succeeded.', { status: 412 }),
  own: () => new RangeError('the rules of the core say no'),
  broken: () => new Error('a detail that is nobody’s business'),
};

/** A few operations with the schemas of the real KMS, and nothing behind them. */
export const kmsService = partOf<KMS>({
  name: 'kms',
  signingName: 'kms',
  version: '2014-11-01',
  protocols: ['awsJson1_1', 'rpcv2Cbor'],
  targetPrefix: 'TrentService',
  constraints,
  bodyBytes: 64 * 1024,
  toServiceError: (error) =>
    error instanceof RangeError ? new ServiceError('LimitExceededException', error.message) : undefined,
  operations: {
    Encrypt: operation<EncryptCommandInput, EncryptCommandOutput>(Encrypt$, {
      authorize: () => FREE,
      handle(input) {
        seen.input = input;
        const damage = DAMAGE[input.KeyId];
        if (damage !== undefined) throw damage();
        return { KeyId: input.KeyId, CiphertextBlob: Uint8Array.from(input.Plaintext).reverse() };
      },
    }),
    DescribeKey: operation<DescribeKeyCommandInput, DescribeKeyCommandOutput>(DescribeKey$, {
      authorize: () => FREE,
      handle: ({ KeyId }, ctx) => ({
        KeyMetadata: {
          KeyId,
          AWSAccountId: ctx.account.accountId,
          Arn: ctx.caller.arn,
          Description: [ctx.account.partition, ctx.region, ctx.operation, ctx.ip, String(ctx.secure)].join(' '),
          CreationDate: new Date(ctx.now() + 250),
          Enabled: true,
          PendingDeletionWindowInDays: 7,
          EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
          MultiRegionConfiguration: { PrimaryKey: { Region: 'eu-west-1' }, ReplicaKeys: [] },
        },
      }),
    }),
    CreateAlias: operation<CreateAliasCommandInput, CreateAliasCommandOutput>(CreateAlias$, {
      authorize: () => FREE,
      handle: () => ({}),
    }),
    TagResource: operation<TagResourceCommandInput, TagResourceCommandOutput>(TagResource$, {
      authorize: () => FREE,
      handle: () => ({}),
    }),
    ListKeys: operation<ListKeysCommandInput, ListKeysCommandOutput>(ListKeys$, {
      authorize: () => FREE,
      async handle({ Marker }, ctx) {
        const position = Marker === undefined ? '0' : await openToken(ctx, Marker);
        if (position === null) throw new ServiceError('InvalidMarkerException', 'The marker is not valid.');
        const next = Number(position) + 1;
        const Keys = [{ KeyId: `key ${next}` }];
        return next < 3
          ? { Keys, Truncated: true, NextMarker: await sealToken(ctx, String(next)) }
          : { Keys, Truncated: false };
      },
    }),
    GetKeyPolicy: refused(GetKeyPolicy$, 'Key policies are for another day: use the key as root.'),
  },
});
