import { UpdateAlias$, type UpdateAliasCommandInput, type UpdateAliasCommandOutput } from '@aws-sdk/client-kms';
import { checkAliasName } from '../../core/kms/alias-name.ts';
import { aliasArn } from '../../core/kms/arn.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { requireRoom } from '../../core/kms/quotas.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { SPEC_RULES } from '../../core/kms/specs.ts';
import { operation } from '../local/operation.ts';
import { decideOnAccount, decideOnKey, findKey, kmsThings } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { findAlias } from './lib/find-alias.ts';
import { ownKey } from './lib/own-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';

export const updateAlias = operation<UpdateAliasCommandInput, UpdateAliasCommandOutput, ResolvedKey>(UpdateAlias$, {
  async authorize(input, ctx) {
    checkAliasName(input.AliasName);
    const things = await kmsThings(ctx);
    const access = { action: 'UpdateAlias' };
    const alias = findAlias(ctx, things, input.AliasName);
    const target = findKey(ctx, things, input.TargetKeyId, access);
    const arn = aliasArn(ctx.account.accountId, ctx.region, input.AliasName);
    return {
      decisions: [
        decideOnAccount(ctx, 'UpdateAlias', arn),
        decideOnKey(ctx, things, ownKey(ctx, things, alias.value.key), access),
        decideOnKey(ctx, things, target, access),
      ],
      subject: target,
    };
  },

  async handle(input, ctx, target) {
    await change(ctx, (draft, things) => {
      const alias = findAlias(ctx, things, input.AliasName);
      const { value: from } = ownKey(ctx, things, alias.value.key).key;
      const { id, value: to } = freshKey(ctx, things, target);
      // Of the two keys, only the new one's state counts.
      requireKeyState(ctx, 'UpdateAlias', to, target.arn);
      if (from.usage !== to.usage || SPEC_RULES[from.spec].family !== SPEC_RULES[to.spec].family) {
        const kinds = `${from.spec} (${from.usage}) and ${to.spec} (${to.usage})`;
        throw new KmsError(
          'ValidationException',
          `The current and new KMS key must be of the same type and have the same key usage: ${kinds}.`,
        );
      }
      if (alias.value.key !== id) {
        requireRoom('aliasesPerKey', things.kms.aliasesOf(id).length, 'aliases of this KMS key');
      }
      draft.put('kmsAlias', alias.id, { ...alias.value, key: id, updatedAt: ctx.now() });
    });
    return {};
  },
});
