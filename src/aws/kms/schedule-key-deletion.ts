import {
  ScheduleKeyDeletion$,
  type ScheduleKeyDeletionCommandInput,
  type ScheduleKeyDeletionCommandOutput,
} from '@aws-sdk/client-kms';
import { constraintError } from '../../core/kms/kms-error.ts';
import { objectsThatGo } from '../../core/kms/remove-records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { DAY_MS } from '../../core/kms/rotation.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { changeKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';

const LEAST_DAYS = 7;
const MOST_DAYS = 30;

export const scheduleKeyDeletion = operation<
  ScheduleKeyDeletionCommandInput,
  ScheduleKeyDeletionCommandOutput,
  ResolvedKey
>(ScheduleKeyDeletion$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'ScheduleKeyDeletion',
      conditions: { 'kms:ScheduleKeyDeletionPendingWindowInDays': String(input.PendingWindowInDays ?? MOST_DAYS) },
    }),

  async handle(input, ctx, found) {
    const days = input.PendingWindowInDays ?? MOST_DAYS;
    if (days < LEAST_DAYS || days > MOST_DAYS) {
      const bound = days < LEAST_DAYS ? `greater than or equal to ${LEAST_DAYS}` : `less than or equal to ${MOST_DAYS}`;
      throw constraintError('pendingWindowInDays', String(days), `Member must have value ${bound}`);
    }
    const { deletion } = await changeKey(ctx, found, (key, things, draft) => {
      requireKeyState(ctx, 'ScheduleKeyDeletion', key, found.arn);
      // Where a quorum guards key material, it is asked for now, not when the waiting period is over and nobody is there.
      draft.destroyLater.push(...objectsThatGo(things, { id: found.key.id, value: key }));
      // A primary key waits for its replicas to be gone before its own time begins.
      const waits = key.multiRegion === 'PRIMARY' && things.kms.related(key.account, key.keyId).length > 1;
      return { ...key, deletion: { windowInDays: days, ...(waits ? {} : { at: ctx.now() + days * DAY_MS }) } };
    });
    return {
      KeyId: found.arn,
      ...(deletion?.at === undefined ? {} : { DeletionDate: new Date(deletion.at) }),
      KeyState: deletion?.at === undefined ? 'PendingReplicaDeletion' : 'PendingDeletion',
      PendingWindowInDays: days,
    };
  },
});
