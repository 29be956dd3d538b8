import {
  RotateKeyOnDemand$,
  type RotateKeyOnDemandCommandInput,
  type RotateKeyOnDemandCommandOutput,
} from '@aws-sdk/client-kms';
import type { Draft } from '../../core/draft.ts';
import { isUsable } from '../../core/kms/key-state.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { makeMaterial } from '../../core/kms/make-material.ts';
import { QUOTAS } from '../../core/kms/quotas.ts';
import type { FoundKey, KmsKey } from '../../core/kms/records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { requireRotatable, rotated } from '../../core/kms/rotation.ts';
import { draftRotation } from '../../core/kms/sweep.ts';
import type { Things } from '../../core/things.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';
import { requirePrimary } from './lib/require-primary.ts';

/** An automatic rotation that is this near comes first. */
const CONFLICT_MS = 20 * 60_000;

function check(ctx: OperationContext, key: KmsKey, arn: string): void {
  requireRotatable(key, arn, { imported: true });
  requireKeyState(ctx, 'RotateKeyOnDemand', key, arn);
  requirePrimary(key, arn);
  if (key.onDemandRotations >= QUOTAS.onDemandRotations) {
    throw new KmsError(
      'LimitExceededException',
      `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arn}`,
    );
  }
  if (key.rotation !== undefined && key.rotation.nextAt - ctx.now() < CONFLICT_MS) {
    const message = `An automatic rotation of ${arn} is in progress or begins within 20 minutes.`;
    throw new KmsError('ConflictException', message);
  }
}

/** Makes the material that was imported for this the current one, in all Regions. */
function rotateToImported(draft: Draft, things: Things, { value }: FoundKey, arn: string, now: number): void {
  const pending = value.materials.find(({ state }) => state === 'PENDING_ROTATION');
  if (pending === undefined || !isUsable(pending, now)) {
    const message = `No available key material pending rotation for the key: ${arn}.`;
    throw new KmsError('KMSInvalidStateException', message);
  }
  for (const one of things.kms.related(value.account, value.keyId)) {
    const own = one.value.materials.find(({ id }) => id === pending.id) ?? { id: pending.id, state: pending.state };
    const materials = rotated(one.value.materials, { ...own, rotation: { type: 'ON_DEMAND', at: now } });
    draft.put('kmsKey', one.id, counted(one.value, materials));
  }
}

function counted(key: KmsKey, materials: KmsKey['materials']): KmsKey {
  return { ...key, materials, onDemandRotations: key.onDemandRotations + 1 };
}

export const rotateKeyOnDemand = operation<RotateKeyOnDemandCommandInput, RotateKeyOnDemandCommandOutput, ResolvedKey>(
  RotateKeyOnDemand$,
  {
    authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'RotateKeyOnDemand' }),

    async handle(_input, ctx, found) {
      const { value } = found.key;
      check(ctx, value, found.arn);
      const made =
        value.origin === 'AWS_KMS' ? await makeMaterial(ctx.session, value, found.accountId, ctx.now()) : undefined;
      await change(ctx, (draft, things) => {
        const key = freshKey(ctx, things, found);
        check(ctx, key.value, found.arn);
        const now = ctx.now();
        if (made === undefined) rotateToImported(draft, things, key, found.arn, now);
        else {
          const { id, object } = made;
          const rotation = { type: 'ON_DEMAND' as const, at: now };
          draftRotation(draft, things, key, made, (one) =>
            counted(one, rotated(one.materials, { id, object, state: 'CURRENT', rotation })),
          );
        }
      });
      return { KeyId: value.keyId };
    },
  },
);
