import {
  GenerateDataKeyPairWithoutPlaintext$,
  type GenerateDataKeyPairWithoutPlaintextCommandInput,
  type GenerateDataKeyPairWithoutPlaintextCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeDataKey, makeDataKeyPair } from './lib/data-key.ts';

const NAME = 'GenerateDataKeyPairWithoutPlaintext';

export const generateDataKeyPairWithoutPlaintext = operation<
  GenerateDataKeyPairWithoutPlaintextCommandInput,
  GenerateDataKeyPairWithoutPlaintextCommandOutput,
  ResolvedKey
>(GenerateDataKeyPairWithoutPlaintext$, {
  authorize: (input, ctx) => authorizeDataKey(ctx, NAME, input, input.KeyPairSpec),

  async handle(input, ctx, found) {
    const { answer } = await makeDataKeyPair(ctx, NAME, input, found, false);
    return answer;
  },
});
