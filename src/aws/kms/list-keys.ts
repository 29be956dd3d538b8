import { ListKeys$, type ListKeysCommandInput, type ListKeysCommandOutput } from '@aws-sdk/client-kms';
import { keyArn } from '../../core/kms/arn.ts';
import { isGone } from '../../core/kms/key-state.ts';
import { operation } from '../local/operation.ts';
import { decideOnAccount, kmsThings } from './lib/authorize-key.ts';
import { page } from './lib/pages.ts';

export const listKeys = operation<ListKeysCommandInput, ListKeysCommandOutput>(ListKeys$, {
  authorize: (_input, ctx) => ({ decisions: [decideOnAccount(ctx, 'ListKeys')], subject: undefined }),

  async handle(input, ctx) {
    const things = await kmsThings(ctx);
    const { id, accountId } = ctx.account;
    const keys = things.kms.keysIn(id, ctx.region);
    const { items, ...more } = await page(ctx, input, keys, {
      name: ({ value }) => value.keyId,
      passOver: ({ value }) => isGone(value, ctx.now()),
      usual: 100,
      most: 1000,
    });
    const entries = items.map(({ value: { keyId, region } }) => ({
      KeyId: keyId,
      KeyArn: keyArn(accountId, region, keyId),
    }));
    return { Keys: entries, ...more };
  },
});
