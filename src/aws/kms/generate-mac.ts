import { GenerateMac$, type GenerateMacCommandInput, type GenerateMacCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { current, endDryRun, inHsm, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

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
    const { ref } = current(ctx, found);
    endDryRun(input.DryRun);
    const { Message: message } = input;
    const { mac } = await inHsm(found, ctx.session.hsm.call('kmsMac', { key: ref, algorithm, message }));
    noteUse(ctx, found, 'GenerateMac');
    return { Mac: mac, MacAlgorithm: algorithm, KeyId: found.arn };
  },
});
