import { DeleteAlias$, type DeleteAliasCommandInput, type DeleteAliasCommandOutput } from '@aws-sdk/client-kms';
import { checkAliasName } from '../../core/kms/alias-name.ts';
import { aliasArn } from '../../core/kms/arn.ts';
import { operation } from '../local/operation.ts';
import { decideOnAccount, decideOnKey, kmsThings } from './lib/authorize-key.ts';
import { change } from './lib/change-key.ts';
import { findAlias } from './lib/find-alias.ts';
import { ownKey } from './lib/own-key.ts';

export const deleteAlias = operation<DeleteAliasCommandInput, DeleteAliasCommandOutput>(DeleteAlias$, {
  async authorize(input, ctx) {
    checkAliasName(input.AliasName);
    const things = await kmsThings(ctx);
    const alias = findAlias(ctx, things, input.AliasName);
    const arn = aliasArn(ctx.account.accountId, ctx.region, input.AliasName);
    const key = ownKey(ctx, things, alias.value.key);
    return {
      decisions: [decideOnAccount(ctx, 'DeleteAlias', arn), decideOnKey(ctx, things, key, { action: 'DeleteAlias' })],
      subject: undefined,
    };
  },

  async handle(input, ctx) {
    await change(ctx, (draft, things) => draft.remove('kmsAlias', findAlias(ctx, things, input.AliasName).id));
    return {};
  },
});
