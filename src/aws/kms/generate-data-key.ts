import {
  GenerateDataKey$,
  type GenerateDataKeyCommandInput,
  type GenerateDataKeyCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeDataKey, makeDataKey } from './lib/data-key.ts';
import { refuseRecipient } from './lib/use-key.ts';

export const generateDataKey = operation<GenerateDataKeyCommandInput, GenerateDataKeyCommandOutput, ResolvedKey>(
  GenerateDataKey$,
  {
    authorize: (input, ctx) => authorizeDataKey(ctx, 'GenerateDataKey', input),

    async handle(input, ctx, found) {
      refuseRecipient(input.Recipient);
      const { answer, plaintext } = await makeDataKey(ctx, 'GenerateDataKey', input, found, true);
      return { ...answer, Plaintext: plaintext };
    },
  },
);
