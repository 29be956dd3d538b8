import { PutKeyPolicy$, type PutKeyPolicyCommandInput, type PutKeyPolicyCommandOutput } from '@aws-sdk/client-kms';
import { bypassCondition } from '../../core/kms/condition-keys.ts';
import { POLICY_NAME, parseKeyPolicy } from '../../core/kms/key-policy.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { changeKey } from './lib/change-key.ts';
import { refuseLockout } from './lib/refuse-lockout.ts';

export const putKeyPolicy = operation<PutKeyPolicyCommandInput, PutKeyPolicyCommandOutput, ResolvedKey>(PutKeyPolicy$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'PutKeyPolicy',
      conditions: bypassCondition(input.BypassPolicyLockoutSafetyCheck),
    }),

  async handle(input, ctx, found) {
    if ((input.PolicyName ?? POLICY_NAME) !== POLICY_NAME) {
      throw new KmsError('UnsupportedOperationException', 'Only default policy is supported');
    }
    const policy = parseKeyPolicy(input.Policy);
    await changeKey(ctx, found, (key, things) => {
      refuseLockout(ctx, {
        policy,
        key,
        arn: found.arn,
        aliases: things.kms.aliasesOf(found.key.id).map(({ value }) => value.name),
        bypass: input.BypassPolicyLockoutSafetyCheck,
      });
      return { ...key, policy: input.Policy };
    });
    return {};
  },
});
