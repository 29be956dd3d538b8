import {
  DeriveSharedSecret$,
  type DeriveSharedSecretCommandInput,
  type DeriveSharedSecretCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import {
  current,
  endDryRun,
  inHsm,
  noteUse,
  refuseRecipient,
  requireAlgorithm,
  requireUsable,
  requireUsage,
} from './lib/use-key.ts';

export const deriveSharedSecret = operation<
  DeriveSharedSecretCommandInput,
  DeriveSharedSecretCommandOutput,
  ResolvedKey
>(DeriveSharedSecret$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'DeriveSharedSecret',
      aliases: true,
      shared: true,
      conditions: { 'kms:KeyAgreementAlgorithm': input.KeyAgreementAlgorithm },
      grant: { operation: 'DeriveSharedSecret' },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    refuseRecipient(input.Recipient);
    requireUsable(ctx, found);
    requireUsage(found, 'KEY_AGREEMENT', 'DeriveSharedSecret');
    const algorithm = requireAlgorithm(found, 'KeyAgreementAlgorithms', input.KeyAgreementAlgorithm);
    const { ref } = current(ctx, found);
    const { PublicKey: publicKey } = input;
    const { sharedSecret } = await inHsm(found, ctx.session.hsm.call('kmsDeriveSharedSecret', { key: ref, publicKey }));
    endDryRun(input.DryRun);
    noteUse(ctx, found, 'DeriveSharedSecret');
    return {
      KeyId: found.arn,
      SharedSecret: sharedSecret,
      KeyAgreementAlgorithm: algorithm,
      KeyOrigin: found.key.value.origin,
    };
  },
});
