import {
  UpdatePrimaryRegion$,
  type UpdatePrimaryRegionCommandInput,
  type UpdatePrimaryRegionCommandOutput,
} from '@aws-sdk/client-kms';
import { keyArn } from '../../core/kms/arn.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { KmsKey } from '../../core/kms/records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import type { Things } from '../../core/things.ts';
import { operation } from '../local/operation.ts';
import { decideOnKey, findKey, kmsThings } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';
import { notPrimary } from './lib/require-primary.ts';

/** Both keys are being updated for this long, as AWS's are for a few seconds. */
const UPDATING_MS = 1000;

function replicaIn(things: Things, { key, accountId }: ResolvedKey, region: string): ResolvedKey {
  const { account, keyId } = key.value;
  const arn = keyArn(accountId, region, keyId);
  const replica = things.kms.key(account, region, keyId);
  if (replica !== undefined && replica.id !== key.id) return { key: replica, arn, accountId };
  throw new KmsError('NotFoundException', `Key '${arn}' does not exist`);
}

/** What was the primary key's alone goes along with that role. */
function exchange(primary: KmsKey, replica: KmsKey, until: number): { before: KmsKey; after: KmsKey } {
  const settling = { state: 'Updating' as const, until };
  const { rotation, ...rest } = primary;
  return {
    before: { ...rest, multiRegion: 'REPLICA', settling },
    after: { ...replica, multiRegion: 'PRIMARY', settling, ...(rotation === undefined ? {} : { rotation }) },
  };
}

export const updatePrimaryRegion = operation<
  UpdatePrimaryRegionCommandInput,
  UpdatePrimaryRegionCommandOutput,
  ResolvedKey
>(UpdatePrimaryRegion$, {
  async authorize(input, ctx) {
    const things = await kmsThings(ctx);
    const access = { action: 'UpdatePrimaryRegion', conditions: { 'kms:PrimaryRegion': input.PrimaryRegion } };
    const found = findKey(ctx, things, input.KeyId, access);
    if (found.key.value.multiRegion === undefined) throw notPrimary(found.arn);
    const replica = replicaIn(things, found, input.PrimaryRegion);
    return {
      decisions: [decideOnKey(ctx, things, found, access), decideOnKey(ctx, things, replica, access)],
      subject: found,
    };
  },

  async handle(input, ctx, found) {
    await change(ctx, (draft, things) => {
      const primary = freshKey(ctx, things, found);
      if (primary.value.multiRegion !== 'PRIMARY') throw notPrimary(found.arn);
      const replica = replicaIn(things, found, input.PrimaryRegion);
      requireKeyState(ctx, 'UpdatePrimaryRegion', primary.value, found.arn);
      requireKeyState(ctx, 'UpdatePrimaryRegion', replica.key.value, replica.arn);
      const { before, after } = exchange(primary.value, replica.key.value, ctx.now() + UPDATING_MS);
      draft.put('kmsKey', primary.id, before);
      draft.put('kmsKey', replica.key.id, after);
    });
    return {};
  },
});
