import { Sign$, type SignCommandInput, type SignCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { backingOf } from './lib/backing.ts';
import { signingRequest } from './lib/signing.ts';
import { endDryRun, noteUse, requireUsable, requireUsage } from './lib/use-key.ts';

export const sign = operation<SignCommandInput, SignCommandOutput, ResolvedKey>(Sign$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'Sign',
      aliases: true,
      shared: true,
      conditions: {
        'kms:SigningAlgorithm': input.SigningAlgorithm,
        'kms:MessageType': input.MessageType ?? 'RAW',
      },
      grant: { operation: 'Sign' },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    requireUsable(ctx, found);
    requireUsage(found, 'SIGN_VERIFY', 'Sign');
    const request = signingRequest(found, input);
    endDryRun(input.DryRun);
    const { signature } = await backingOf(ctx, found).sign(request);
    noteUse(ctx, found, 'Sign');
    return { KeyId: found.arn, Signature: signature, SigningAlgorithm: request.algorithm };
  },
});
