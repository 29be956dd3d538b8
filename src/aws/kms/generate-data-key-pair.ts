import {
  GenerateDataKeyPair$,
  type GenerateDataKeyPairCommandInput,
  type GenerateDataKeyPairCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeDataKey, makeDataKeyPair } from './lib/data-key.ts';
import { refuseRecipient } from './lib/use-key.ts';

export const generateDataKeyPair = operation<
  GenerateDataKeyPairCommandInput,
  GenerateDataKeyPairCommandOutput,
  ResolvedKey
>(GenerateDataKeyPair$, {
  authorize: (input, ctx) => authorizeDataKey(ctx, 'GenerateDataKeyPair', input, input.KeyPairSpec),

  async handle(input, ctx, found) {
    refuseRecipient(input.Recipient);
    const { answer, plaintext } = await makeDataKeyPair(ctx, 'GenerateDataKeyPair', input, found, true);
    return { ...answer, PrivateKeyPlaintext: plaintext };
  },
});
