import { RevokeGrant$, type RevokeGrantCommandInput, type RevokeGrantCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { change } from './lib/change-key.ts';
import { grantOfKey } from './lib/grant-of-key.ts';
import { endDryRun } from './lib/use-key.ts';

export const revokeGrant = operation<RevokeGrantCommandInput, RevokeGrantCommandOutput, ResolvedKey>(RevokeGrant$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'RevokeGrant',
      shared: true,
      conditions: { 'kms:GrantIsForAWSResource': 'false' },
    }),

  async handle(input, ctx, { key }) {
    grantOfKey(ctx.session.things, key.id, input.GrantId);
    endDryRun(input.DryRun);
    await change(ctx, (draft, things) => draft.remove('kmsGrant', grantOfKey(things, key.id, input.GrantId).id));
    return {};
  },
});
