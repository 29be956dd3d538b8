import {
  GenerateRandom$,
  type GenerateRandomCommandInput,
  type GenerateRandomCommandOutput,
} from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnAccount, kmsThings } from './lib/authorize-key.ts';
import { keyStore, requireConnection, tokenBackendOf } from './lib/key-stores.ts';
import { inToken } from './lib/token-error.ts';
import { refuseRecipient } from './lib/use-key.ts';

/** Random bytes of a token's own generator. */
async function inStore(ctx: OperationContext, storeId: string, length: number): Promise<Uint8Array> {
  const store = keyStore(ctx, await kmsThings(ctx), storeId);
  if (store.value.backing.type === 'EXTERNAL_KEY_STORE') {
    const message = `Custom key store ${storeId} is an external key store, which is not valid for GenerateRandom.`;
    throw new KmsError('UnsupportedOperationException', message);
  }
  requireConnection(ctx, store, ['CONNECTED'], 'GenerateRandom');
  return inToken(storeId, async () => {
    const token = await tokenBackendOf(ctx, store.value);
    return (await token.random({ length })).bytes;
  });
}

export const generateRandom = operation<GenerateRandomCommandInput, GenerateRandomCommandOutput>(GenerateRandom$, {
  authorize: (_input, ctx) => ({ decisions: [decideOnAccount(ctx, 'GenerateRandom')], subject: undefined }),

  async handle(input, ctx) {
    refuseRecipient(input.Recipient);
    if (input.NumberOfBytes === undefined) throw new KmsError('ValidationException', 'NumberOfBytes is required.');
    const length = input.NumberOfBytes;
    if (input.CustomKeyStoreId !== undefined) return { Plaintext: await inStore(ctx, input.CustomKeyStoreId, length) };
    const { bytes } = await ctx.session.hsm.call('random', { length });
    return { Plaintext: bytes };
  },
});
