import { VerifyMac$, type VerifyMacCommandInput, type VerifyMacCommandOutput } from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { backingOf } from './lib/backing.ts';
import { endDryRun, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

export const verifyMac = operation<VerifyMacCommandInput, VerifyMacCommandOutput, ResolvedKey>(VerifyMac$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'VerifyMac',
      aliases: true,
      shared: true,
      conditions: { 'kms:MacAlgorithm': input.MacAlgorithm },
      grant: { operation: 'VerifyMac' },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    requireUsable(ctx, found);
    requireUsage(found, 'GENERATE_VERIFY_MAC', 'VerifyMac');
    const algorithm = requireAlgorithm(found, 'MacAlgorithms', input.MacAlgorithm);
    const { Message: message, Mac: mac } = input;
    const { valid } = await backingOf(ctx, found).verifyMac({ algorithm, message, mac });
    if (!valid) throw new KmsError('KMSInvalidMacException', '');
    endDryRun(input.DryRun);
    noteUse(ctx, found, 'VerifyMac');
    return { KeyId: found.arn, MacValid: true, MacAlgorithm: algorithm };
  },
});
