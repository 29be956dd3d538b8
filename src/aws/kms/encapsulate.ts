import { Encapsulate$, type EncapsulateCommandInput, type EncapsulateCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { current, endDryRun, inHsm, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

export const encapsulate = operation<EncapsulateCommandInput, EncapsulateCommandOutput, ResolvedKey>(Encapsulate$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'Encapsulate',
      aliases: true,
      shared: true,
      conditions: { 'kms:EncapsulationAlgorithm': input.EncapsulationAlgorithm },
      grant: { operation: 'Encapsulate' },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    requireUsable(ctx, found);
    requireUsage(found, 'ENCAPSULATE_DECAPSULATE', 'Encapsulate');
    const algorithm = requireAlgorithm(found, 'EncapsulationAlgorithms', input.EncapsulationAlgorithm);
    const { ref } = current(ctx, found);
    endDryRun(input.DryRun);
    const made = await inHsm(found, ctx.session.hsm.call('kmsEncapsulate', { key: ref }));
    noteUse(ctx, found, 'Encapsulate');
    return {
      KeyId: found.arn,
      SharedSecret: made.sharedSecret,
      SharedSecretCiphertextBlob: made.ciphertext,
      EncapsulationAlgorithm: algorithm,
    };
  },
});
