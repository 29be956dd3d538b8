import { CreateAlias$, type CreateAliasCommandInput, type CreateAliasCommandOutput } from '@aws-sdk/client-kms';
import { checkAliasName } from '../../core/kms/alias-name.ts';
import { aliasArn } from '../../core/kms/arn.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { requireRoom } from '../../core/kms/quotas.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { decideOnAccount, decideOnKey, findKey, kmsThings } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';

export const createAlias = operation<CreateAliasCommandInput, CreateAliasCommandOutput, ResolvedKey>(CreateAlias$, {
  async authorize(input, ctx) {
    checkAliasName(input.AliasName);
    const things = await kmsThings(ctx);
    const access = { action: 'CreateAlias' };
    const found = findKey(ctx, things, input.TargetKeyId, access);
    const arn = aliasArn(ctx.account.accountId, ctx.region, input.AliasName);
    return {
      decisions: [decideOnAccount(ctx, 'CreateAlias', arn), decideOnKey(ctx, things, found, access)],
      subject: found,
    };
  },

  async handle({ AliasName: name }, ctx, found) {
    const { id: account, accountId } = ctx.account;
    const { region } = ctx;
    await change(ctx, (draft, things) => {
      const key = freshKey(ctx, things, found);
      requireKeyState(ctx, 'CreateAlias', key.value, found.arn);
      if (things.kms.alias(account, region, name) !== undefined) {
        const arn = aliasArn(accountId, region, name);
        throw new KmsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
      }
      requireRoom('aliasesPerKey', things.kms.aliasesOf(key.id).length, 'aliases of this KMS key');
      const now = ctx.now();
      draft.put('kmsAlias', ctx.session.newId(), {
        account,
        region,
        name,
        key: key.id,
        createdAt: now,
        updatedAt: now,
      });
    });
    return {};
  },
});
