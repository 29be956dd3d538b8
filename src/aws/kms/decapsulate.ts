import { Decapsulate$, type DecapsulateCommandInput, type DecapsulateCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { current, endDryRun, inHsm, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

export const decapsulate = operation<DecapsulateCommandInput, DecapsulateCommandOutput, ResolvedKey>(Decapsulate$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'Decapsulate',
      aliases: true,
      shared: true,
      conditions: { 'kms:EncapsulationAlgorithm': input.EncapsulationAlgorithm },
      grant: { operation: 'Decapsulate' },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    requireUsable(ctx, found);
    requireUsage(found, 'ENCAPSULATE_DECAPSULATE', 'Decapsulate');
    const algorithm = requireAlgorithm(found, 'EncapsulationAlgorithms', input.EncapsulationAlgorithm);
    const { ref } = current(ctx, found);
    const { SharedSecretCiphertextBlob: ciphertext } = input;
    const { sharedSecret } = await inHsm(found, ctx.session.hsm.call('kmsDecapsulate', { key: ref, ciphertext }));
    endDryRun(input.DryRun);
    noteUse(ctx, found, 'Decapsulate');
    return { KeyId: found.arn, SharedSecret: sharedSecret, EncapsulationAlgorithm: algorithm };
  },
});
