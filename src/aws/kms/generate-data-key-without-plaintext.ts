import {
  GenerateDataKeyWithoutPlaintext$,
  type GenerateDataKeyWithoutPlaintextCommandInput,
  type GenerateDataKeyWithoutPlaintextCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeDataKey, makeDataKey } from './lib/data-key.ts';

const NAME = 'GenerateDataKeyWithoutPlaintext';

export const generateDataKeyWithoutPlaintext = operation<
  GenerateDataKeyWithoutPlaintextCommandInput,
  GenerateDataKeyWithoutPlaintextCommandOutput,
  ResolvedKey
>(GenerateDataKeyWithoutPlaintext$, {
  authorize: (input, ctx) => authorizeDataKey(ctx, NAME, input),

  async handle(input, ctx, found) {
    const { answer } = await makeDataKey(ctx, NAME, input, found, false);
    return answer;
  },
});
