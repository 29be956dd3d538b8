import { DisableKey$, type DisableKeyCommandInput, type DisableKeyCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { keyChange } from './lib/key-changes.ts';

export const disableKey = operation<DisableKeyCommandInput, DisableKeyCommandOutput, ResolvedKey>(
  DisableKey$,
  keyChange('DisableKey', (key) => (key.enabled ? { ...key, enabled: false } : key)),
);
