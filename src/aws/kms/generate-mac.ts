import { GenerateMac$, type GenerateMacCommandInput, type GenerateMacCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { backingOf } from './lib/backing.ts';
import { endDryRun, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

export const generateMac = operation<GenerateMacCommandInput, GenerateMacCommandOutput, ResolvedKey>(GenerateMac$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'GenerateMac',
      aliases: true,
      shared: true,
      conditions: { 'kms:MacAlgorithm': input.MacAlgorithm },
      grant: { operation: 'GenerateMac' },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    requireUsable(ctx, found);
    requireUsage(found, 'GENERATE_VERIFY_MAC', 'GenerateMac');
    const algorithm = requireAlgorithm(found, 'MacAlgorithms', input.MacAlgorithm);
    endDryRun(input.DryRun);
    const { mac } = await backingOf(ctx, found).mac({ algorithm, message: input.Message });
    noteUse(ctx, found, 'GenerateMac');
    return { Mac: mac, MacAlgorithm: algorithm, KeyId: found.arn };
  },
});
