import { CreateKey$, type CreateKeyCommandInput, type CreateKeyCommandOutput } from '@aws-sdk/client-kms';
import { keyArn } from '../../core/kms/arn.ts';
import { createKeyConditions, tagConditions } from '../../core/kms/condition-keys.ts';
import { defaultKeyPolicy, parseKeyPolicy } from '../../core/kms/key-policy.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { makeMaterial } from '../../core/kms/make-material.ts';
import { requireRoom } from '../../core/kms/quotas.ts';
import type { KmsKey } from '../../core/kms/records.ts';
import { algorithmsOf, type KeySpec, type KeyUsage } from '../../core/kms/specs.ts';
import { checkTags, type KeyTag } from '../../core/kms/tags.ts';
import { operation, type Validated } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnAccount, kmsThings } from './lib/authorize-key.ts';
import { change } from './lib/change-key.ts';
import { keyMetadata } from './lib/key-metadata.ts';
import { type MadeKey, makeInStore } from './lib/make-in-store.ts';
import { firstMaterial, newKeyId } from './lib/new-key.ts';
import { refuseLockout } from './lib/refuse-lockout.ts';
import { requireSpecHere } from './lib/require-spec-here.ts';
import { tagsOf } from './lib/tag-list.ts';

type Input = Validated<CreateKeyCommandInput>;

/** What is asked for, with AWS's defaults. */
interface Wanted {
  keyId: string;
  spec: KeySpec;
  usage: KeyUsage;
  origin: KmsKey['origin'];
  multiRegion: boolean;
  tags: readonly KeyTag[];
}

function invalid(message: string): KmsError {
  return new KmsError('ValidationException', message);
}

function specOf({ KeySpec, CustomerMasterKeySpec }: Input, ctx: OperationContext): KeySpec {
  if (KeySpec !== undefined && CustomerMasterKeySpec !== undefined && KeySpec !== CustomerMasterKeySpec) {
    throw invalid('You cannot specify KeySpec and CustomerMasterKeySpec in the same request.');
  }
  const spec = KeySpec ?? CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  requireSpecHere(ctx, spec);
  return spec;
}

function usageOf(spec: KeySpec, usage: KeyUsage | undefined): KeyUsage {
  if (usage === undefined && spec !== 'SYMMETRIC_DEFAULT') {
    throw invalid('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  const wanted = usage ?? 'ENCRYPT_DECRYPT';
  if (algorithmsOf(spec, wanted) === null) throw invalid(`KeyUsage ${wanted} is not compatible with KeySpec ${spec}`);
  return wanted;
}

function originOf({ Origin = 'AWS_KMS', CustomKeyStoreId, XksKeyId }: Input): KmsKey['origin'] {
  const outside = Origin === 'AWS_CLOUDHSM' || Origin === 'EXTERNAL_KEY_STORE';
  if (outside && CustomKeyStoreId === undefined) throw invalid(`Origin ${Origin} requires a CustomKeyStoreId.`);
  if (!outside && CustomKeyStoreId !== undefined) {
    throw invalid(`CustomKeyStoreId cannot be used with Origin ${Origin}.`);
  }
  if (XksKeyId !== undefined && Origin !== 'EXTERNAL_KEY_STORE') {
    throw invalid(`XksKeyId cannot be used with Origin ${Origin}.`);
  }
  if (XksKeyId === undefined && Origin === 'EXTERNAL_KEY_STORE')
    throw invalid(`Origin ${Origin} requires an XksKeyId.`);
  if (XksKeyId === '.' || XksKeyId === '..') throw invalid(`XksKeyId ${XksKeyId} cannot be part of a URI.`);
  return Origin;
}

function wantedOf(input: Input, ctx: OperationContext): Wanted {
  const spec = specOf(input, ctx);
  const multiRegion = input.MultiRegion === true;
  return {
    keyId: newKeyId(ctx, multiRegion),
    spec,
    usage: usageOf(spec, input.KeyUsage),
    origin: originOf(input),
    multiRegion,
    tags: tagsOf(input.Tags),
  };
}

/** The key with its first material, from where its origin says. */
async function make(ctx: OperationContext, bare: KmsKey, { CustomKeyStoreId, XksKeyId }: Input): Promise<MadeKey> {
  if (bare.origin === 'EXTERNAL') return { value: bare };
  if (CustomKeyStoreId !== undefined) return makeInStore(ctx, bare, CustomKeyStoreId, XksKeyId);
  const material = await makeMaterial(ctx.session, bare, ctx.account.accountId, ctx.now());
  const { object, blob } = material;
  return { value: { ...bare, ...firstMaterial(material) }, object: { id: object.id, blob } };
}

export const createKey = operation<CreateKeyCommandInput, CreateKeyCommandOutput, Wanted>(CreateKey$, {
  async authorize(input, ctx) {
    const wanted = wantedOf(input, ctx);
    await kmsThings(ctx);
    const conditions = createKeyConditions({
      ...wanted,
      bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck,
    });
    const create = decideOnAccount(ctx, 'CreateKey', '*', conditions);
    if (wanted.tags.length === 0) return { decisions: [create], subject: wanted };
    const arn = keyArn(ctx.account.accountId, ctx.region, wanted.keyId);
    return {
      decisions: [create, decideOnAccount(ctx, 'TagResource', arn, tagConditions(wanted.tags))],
      subject: wanted,
    };
  },

  async handle(input, ctx, { keyId, spec, usage, origin, multiRegion, tags }) {
    const { id: account, accountId } = ctx.account;
    const { region } = ctx;
    checkTags(tags);
    const bare: KmsKey = {
      account,
      region,
      keyId,
      spec,
      usage,
      origin,
      manager: 'CUSTOMER',
      description: input.Description ?? '',
      enabled: true,
      policy: input.Policy ?? defaultKeyPolicy(accountId, region),
      tags: [...tags],
      createdAt: ctx.now(),
      materials: [],
      onDemandRotations: 0,
      ...(multiRegion ? { multiRegion: 'PRIMARY' } : {}),
    };
    if (input.Policy !== undefined) {
      const arn = keyArn(accountId, region, keyId);
      refuseLockout(ctx, {
        policy: parseKeyPolicy(input.Policy),
        key: bare,
        arn,
        bypass: input.BypassPolicyLockoutSafetyCheck,
      });
    }
    requireRoom('keys', ctx.session.things.kms.keysIn(account, region).length, 'KMS keys in this Region');
    const made = await make(ctx, bare, input);
    const key = await change(ctx, (draft, things) => {
      const id = ctx.session.newId();
      made.check?.(things);
      if (made.object !== undefined) draft.putObject(made.object.id, 1, made.object.blob);
      draft.put('kmsKey', id, made.value);
      return { id, value: made.value };
    }).catch(async (error: unknown) => {
      await made.undo?.();
      throw error;
    });
    return { KeyMetadata: keyMetadata(ctx.session.things, key, accountId, ctx.now()) };
  },
});
