import { ReplicateKey$, type ReplicateKeyCommandInput, type ReplicateKeyCommandOutput } from '@aws-sdk/client-kms';
import { isServedRegion, notServed, partitionOf } from '../../contract/partitions.ts';
import { keyArn } from '../../core/kms/arn.ts';
import { bypassCondition, createKeyConditions, tagConditions } from '../../core/kms/condition-keys.ts';
import { defaultKeyPolicy, parseKeyPolicy } from '../../core/kms/key-policy.ts';
import { isPermanent } from '../../core/kms/key-state.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { requireRoom } from '../../core/kms/quotas.ts';
import type { KmsKey } from '../../core/kms/records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { checkTags } from '../../core/kms/tags.ts';
import { operation, type Validated } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnAccount, decideOnKey, findKey, kmsThings } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { keyMetadata } from './lib/key-metadata.ts';
import { refuseLockout } from './lib/refuse-lockout.ts';
import { requireKeyState } from './lib/require-key-state.ts';
import { notPrimary } from './lib/require-primary.ts';
import { tagList, tagsOf } from './lib/tag-list.ts';

/** A fresh replica is being made for this long, as AWS's are for a few seconds. */
const CREATING_MS = 1000;

type Input = Validated<ReplicateKeyCommandInput>;

/** The replica as it begins: what the keys of a multi-Region key share, and what the request says. */
function replicaOf(ctx: OperationContext, primary: KmsKey, input: Input): KmsKey {
  const { account, keyId, spec, usage, origin, publicKey, onDemandRotations, gate } = primary;
  const now = ctx.now();
  // Imported material is named, but has to be imported into each Region.
  const materials =
    origin === 'EXTERNAL'
      ? primary.materials
          .filter(isPermanent)
          .map(({ id, state, rotation }) => ({ id, state, ...(rotation === undefined ? {} : { rotation }) }))
      : primary.materials;
  return {
    account,
    region: input.ReplicaRegion,
    keyId,
    spec,
    usage,
    origin,
    manager: 'CUSTOMER',
    description: input.Description ?? '',
    enabled: true,
    policy: input.Policy ?? defaultKeyPolicy(ctx.account.accountId, input.ReplicaRegion),
    tags: tagsOf(input.Tags),
    createdAt: now,
    materials,
    ...(publicKey === undefined ? {} : { publicKey }),
    onDemandRotations,
    multiRegion: 'REPLICA',
    ...(gate === undefined ? {} : { gate }),
    settling: { state: 'Creating', until: now + CREATING_MS },
  };
}

export const replicateKey = operation<ReplicateKeyCommandInput, ReplicateKeyCommandOutput, ResolvedKey>(ReplicateKey$, {
  async authorize(input, ctx) {
    const things = await kmsThings(ctx);
    const access = {
      action: 'ReplicateKey',
      conditions: {
        'kms:ReplicaRegion': input.ReplicaRegion,
        ...bypassCondition(input.BypassPolicyLockoutSafetyCheck),
      },
    };
    const found = findKey(ctx, things, input.KeyId, access);
    const { spec, usage, origin } = found.key.value;
    const tags = tagsOf(input.Tags);
    const replicaKeys = {
      ...createKeyConditions({
        spec,
        usage,
        origin,
        multiRegion: true,
        bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck,
        tags,
      }),
      'kms:MultiRegionKeyType': 'REPLICA',
      'aws:RequestedRegion': input.ReplicaRegion,
    };
    const arn = keyArn(ctx.account.accountId, input.ReplicaRegion, found.key.value.keyId);
    return {
      decisions: [
        decideOnKey(ctx, things, found, access),
        decideOnAccount(ctx, 'CreateKey', '*', replicaKeys),
        ...(tags.length === 0 ? [] : [decideOnAccount(ctx, 'TagResource', arn, tagConditions(tags))]),
      ],
      subject: found,
    };
  },

  async handle(input, ctx, found) {
    const { accountId } = ctx.account;
    const region = input.ReplicaRegion;
    if (!isServedRegion(region)) {
      throw new KmsError('ValidationException', `ReplicaRegion ${region} is not valid: ${notServed(region)}`);
    }
    const arn = keyArn(accountId, region, found.key.value.keyId);
    checkTags(tagsOf(input.Tags));
    if (input.Policy !== undefined) {
      const key = replicaOf(ctx, found.key.value, input);
      refuseLockout(ctx, {
        policy: parseKeyPolicy(input.Policy),
        key,
        arn,
        bypass: input.BypassPolicyLockoutSafetyCheck,
      });
    }
    const replica = await change(ctx, (draft, things) => {
      const { value: primary } = freshKey(ctx, things, found);
      if (primary.multiRegion !== 'PRIMARY') throw notPrimary(found.arn);
      requireKeyState(ctx, 'ReplicateKey', primary, found.arn);
      if (partitionOf(region) !== partitionOf(primary.region)) {
        const message = `A key of ${primary.region} cannot be replicated to ${region}, which is in another partition.`;
        throw new KmsError('ValidationException', message);
      }
      if (things.kms.key(primary.account, region, primary.keyId) !== undefined) {
        throw new KmsError('AlreadyExistsException', `Key '${arn}' already exists`);
      }
      requireRoom('keys', things.kms.keysIn(primary.account, region).length, 'KMS keys in this Region');
      const id = ctx.session.newId();
      const value = replicaOf(ctx, primary, input);
      draft.put('kmsKey', id, value);
      return { id, value };
    });
    const tags = tagList(replica.value.tags);
    return {
      ReplicaKeyMetadata: keyMetadata(ctx.session.things, replica, accountId, ctx.now()),
      ReplicaPolicy: replica.value.policy,
      ...(tags.length === 0 ? {} : { ReplicaTags: tags }),
    };
  },
});
