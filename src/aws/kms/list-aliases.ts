import {
  type AliasListEntry,
  ListAliases$,
  type ListAliasesCommandInput,
  type ListAliasesCommandOutput,
} from '@aws-sdk/client-kms';
import { MANAGED_ALIASES } from '../../core/kms/alias-name.ts';
import { aliasArn } from '../../core/kms/arn.ts';
import type { FoundAlias } from '../../core/kms/records.ts';
import type { Things } from '../../core/things.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnAccount, findKey, kmsThings } from './lib/authorize-key.ts';
import { page } from './lib/pages.ts';

function entry(ctx: OperationContext, things: Things, { value }: FoundAlias): AliasListEntry {
  const keyId = things.kms.keyById(value.key)?.value.keyId;
  return {
    AliasName: value.name,
    AliasArn: aliasArn(ctx.account.accountId, ctx.region, value.name),
    ...(keyId === undefined ? {} : { TargetKeyId: keyId }),
    CreationDate: new Date(value.createdAt),
    LastUpdatedDate: new Date(value.updatedAt),
  };
}

/** All aliases of the account, the predefined ones that have no key yet included. */
function all(ctx: OperationContext, things: Things): AliasListEntry[] {
  const made = things.kms.aliasesIn(ctx.account.id, ctx.region).map((alias) => entry(ctx, things, alias));
  const names = new Set(made.map(({ AliasName }) => AliasName));
  const predefined = MANAGED_ALIASES.filter((name) => !names.has(name)).map((name) => ({
    AliasName: name,
    AliasArn: aliasArn(ctx.account.accountId, ctx.region, name),
  }));
  return [...made, ...predefined].sort((a, b) => ((a.AliasName ?? '') < (b.AliasName ?? '') ? -1 : 1));
}

export const listAliases = operation<ListAliasesCommandInput, ListAliasesCommandOutput>(ListAliases$, {
  authorize: (_input, ctx) => ({ decisions: [decideOnAccount(ctx, 'ListAliases')], subject: undefined }),

  async handle(input, ctx) {
    const things = await kmsThings(ctx);
    const entries =
      input.KeyId === undefined
        ? all(ctx, things)
        : things.kms
            .aliasesOf(findKey(ctx, things, input.KeyId, { action: 'ListAliases' }).key.id)
            .map((alias) => entry(ctx, things, alias));
    const { items, ...more } = await page(ctx, input, entries, {
      name: ({ AliasName }) => AliasName ?? '',
      usual: 50,
      most: 100,
    });
    return { Aliases: items, ...more };
  },
});
