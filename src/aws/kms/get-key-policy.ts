import { GetKeyPolicy$, type GetKeyPolicyCommandInput, type GetKeyPolicyCommandOutput } from '@aws-sdk/client-kms';
import { POLICY_NAME } from '../../core/kms/key-policy.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';

export const getKeyPolicy = operation<GetKeyPolicyCommandInput, GetKeyPolicyCommandOutput, ResolvedKey>(GetKeyPolicy$, {
  authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'GetKeyPolicy' }),

  handle(input, _ctx, { key }) {
    if ((input.PolicyName ?? POLICY_NAME) !== POLICY_NAME) {
      throw new KmsError('NotFoundException', 'No such policy exists');
    }
    return { Policy: key.value.policy, PolicyName: POLICY_NAME };
  },
});
