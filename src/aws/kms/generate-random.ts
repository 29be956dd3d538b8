import {
  GenerateRandom$,
  type GenerateRandomCommandInput,
  type GenerateRandomCommandOutput,
} from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import { operation } from '../local/operation.ts';
import { decideOnAccount } from './lib/authorize-key.ts';
import { noSuchKeyStore } from './lib/key-stores.ts';
import { refuseRecipient } from './lib/use-key.ts';

export const generateRandom = operation<GenerateRandomCommandInput, GenerateRandomCommandOutput>(GenerateRandom$, {
  authorize: (_input, ctx) => ({ decisions: [decideOnAccount(ctx, 'GenerateRandom')], subject: undefined }),

  async handle(input, ctx) {
    refuseRecipient(input.Recipient);
    if (input.CustomKeyStoreId !== undefined) throw noSuchKeyStore(input.CustomKeyStoreId);
    if (input.NumberOfBytes === undefined) throw new KmsError('ValidationException', 'NumberOfBytes is required.');
    const { bytes } = await ctx.session.hsm.call('random', { length: input.NumberOfBytes });
    return { Plaintext: bytes };
  },
});
