import { Verify$, type VerifyCommandInput, type VerifyCommandOutput } from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { backingOf } from './lib/backing.ts';
import { signingRequest } from './lib/signing.ts';
import { endDryRun, noteUse, requireUsable, requireUsage } from './lib/use-key.ts';

export const verify = operation<VerifyCommandInput, VerifyCommandOutput, ResolvedKey>(Verify$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'Verify',
      aliases: true,
      shared: true,
      conditions: {
        'kms:SigningAlgorithm': input.SigningAlgorithm,
        'kms:MessageType': input.MessageType ?? 'RAW',
      },
      grant: { operation: 'Verify' },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    requireUsable(ctx, found);
    requireUsage(found, 'SIGN_VERIFY', 'Verify');
    const request = signingRequest(found, input);
    const { valid } = await backingOf(ctx, found).verify({ ...request, signature: input.Signature });
    if (!valid) throw new KmsError('KMSInvalidSignatureException', '');
    endDryRun(input.DryRun);
    noteUse(ctx, found, 'Verify');
    return { KeyId: found.arn, SignatureValid: true, SigningAlgorithm: request.algorithm };
  },
});
