import { GetPublicKey$, type GetPublicKeyCommandInput, type GetPublicKeyCommandOutput } from '@aws-sdk/client-kms';
import { fromBase64 } from '../../core/crypto/bytes.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { SPEC_RULES } from '../../core/kms/specs.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { algorithmLists, specMembers } from './lib/key-metadata.ts';
import { requireKeyState } from './lib/require-key-state.ts';

export const getPublicKey = operation<GetPublicKeyCommandInput, GetPublicKeyCommandOutput, ResolvedKey>(GetPublicKey$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'GetPublicKey',
      aliases: true,
      shared: true,
      grant: { operation: 'GetPublicKey' },
      grantTokens: input.GrantTokens,
    }),

  handle(_input, ctx, { key: { value: key }, arn }) {
    if (SPEC_RULES[key.spec].family !== 'asymmetric') {
      const message = `${arn} key spec is ${key.spec} which is not valid for GetPublicKey.`;
      throw new KmsError('UnsupportedOperationException', message);
    }
    requireKeyState(ctx, 'GetPublicKey', key, arn);
    const publicKey = fromBase64(key.publicKey ?? '');
    if (publicKey === null || publicKey.length === 0) throw new TypeError(`the public key of ${arn} is missing`);
    return { KeyId: arn, PublicKey: publicKey, ...specMembers(key.spec), KeyUsage: key.usage, ...algorithmLists(key) };
  },
});
