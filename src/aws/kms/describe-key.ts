import { DescribeKey$, type DescribeKeyCommandInput, type DescribeKeyCommandOutput } from '@aws-sdk/client-kms';
import { parseKeyReference } from '../../core/kms/arn.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnKey, findKey, type KeyAccess, kmsThings } from './lib/authorize-key.ts';
import { keyMetadata } from './lib/key-metadata.ts';
import { findUnmadeManagedKey, makeManagedKey } from './lib/managed-key.ts';

interface Described {
  found: ResolvedKey;
  /** The predefined alias whose AWS managed key there is not yet. */
  unmade?: string;
}

/** The alias of the caller's own account that KeyId names, by its name or its ARN. */
function ownAlias({ account, region }: OperationContext, keyId: string): string | undefined {
  const reference = parseKeyReference(keyId, region);
  if (reference.kind !== 'alias') return undefined;
  return (reference.accountId ?? account.accountId) === account.accountId ? reference.name : undefined;
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
    const alias = ownAlias(ctx, input.KeyId);
    const unmade = alias === undefined ? undefined : findUnmadeManagedKey(ctx, things, alias);
    const found = unmade ?? findKey(ctx, things, input.KeyId, access);
    return {
      decisions: [decideOnKey(ctx, things, found, access)],
      subject: { found, ...(unmade === undefined || alias === undefined ? {} : { unmade: alias }) },
    };
  },

  async handle(_input, ctx, { found, unmade }) {
    const key = unmade === undefined ? found.key : await makeManagedKey(ctx, unmade);
    return { KeyMetadata: keyMetadata(ctx.session.things, key, found.accountId, ctx.now()) };
  },
});
