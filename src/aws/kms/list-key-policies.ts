import {
  ListKeyPolicies$,
  type ListKeyPoliciesCommandInput,
  type ListKeyPoliciesCommandOutput,
} from '@aws-sdk/client-kms';
import { POLICY_NAME } from '../../core/kms/key-policy.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';

export const listKeyPolicies = operation<ListKeyPoliciesCommandInput, ListKeyPoliciesCommandOutput, ResolvedKey>(
  ListKeyPolicies$,
  {
    authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'ListKeyPolicies' }),
    handle: () => ({ PolicyNames: [POLICY_NAME], Truncated: false }),
  },
);
