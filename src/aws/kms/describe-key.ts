import { DescribeKey$, type DescribeKeyCommandInput, type DescribeKeyCommandOutput } from '@aws-sdk/client-kms';
import { isReservedAlias } from '../../core/kms/alias-name.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { decideOnKey, findKey, type KeyAccess, kmsThings } from './lib/authorize-key.ts';
import { keyMetadata } from './lib/key-metadata.ts';
import { findUnmadeManagedKey, makeManagedKey } from './lib/managed-key.ts';

interface Described {
  found: ResolvedKey;
  /** The predefined alias whose AWS managed key there is not yet. */
  unmade?: string;
}

export const describeKey = operation<DescribeKeyCommandInput, DescribeKeyCommandOutput, Described>(DescribeKey$, {
  async authorize(input, ctx) {
    const things = await kmsThings(ctx);
    const access: KeyAccess = {
      action: 'DescribeKey',
      aliases: true,
      shared: true,
      grant: { operation: 'DescribeKey' },
      grantTokens: input.GrantTokens,
    };
    const unmade = isReservedAlias(input.KeyId) ? findUnmadeManagedKey(ctx, things, input.KeyId) : undefined;
    const found = unmade ?? findKey(ctx, things, input.KeyId, access);
    return {
      decisions: [decideOnKey(ctx, things, found, access)],
      subject: { found, ...(unmade === undefined ? {} : { unmade: input.KeyId }) },
    };
  },

  async handle(_input, ctx, { found, unmade }) {
    const key = unmade === undefined ? found.key : await makeManagedKey(ctx, unmade);
    return { KeyMetadata: keyMetadata(ctx.session.things, key, found.accountId, ctx.now()) };
  },
});
