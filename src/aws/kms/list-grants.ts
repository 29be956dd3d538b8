import { ListGrants$, type ListGrantsCommandInput, type ListGrantsCommandOutput } from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { grantEntry } from './lib/grant-list.ts';
import { grantOfKey } from './lib/grant-of-key.ts';
import { page } from './lib/pages.ts';

export const listGrants = operation<ListGrantsCommandInput, ListGrantsCommandOutput, ResolvedKey>(ListGrants$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'ListGrants',
      shared: true,
      conditions: { 'kms:GrantIsForAWSResource': 'false' },
    }),

  async handle(input, ctx, { key }) {
    if (input.GranteeServicePrincipal !== undefined) {
      throw new KmsError('ValidationException', 'GranteeServicePrincipal is a filter for services of AWS.');
    }
    const { things } = ctx.session;
    const grants = things.kms.grantsOf(key.id);
    if (input.GrantId !== undefined) grantOfKey(things, key.id, input.GrantId);
    const listed = grants.filter(
      ({ value }) =>
        (input.GrantId === undefined || value.grantId === input.GrantId) &&
        (input.GranteePrincipal === undefined || value.grantee === input.GranteePrincipal),
    );
    const { items, ...more } = await page(ctx, input, listed, {
      name: ({ value }) => value.grantId,
      usual: 50,
      most: 100,
    });
    return { Grants: items.map((grant) => grantEntry(things, grant)), ...more };
  },
});
