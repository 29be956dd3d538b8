import { EnableKey$, type EnableKeyCommandInput, type EnableKeyCommandOutput } from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { keyChange } from './lib/key-changes.ts';

export const enableKey = operation<EnableKeyCommandInput, EnableKeyCommandOutput, ResolvedKey>(
  EnableKey$,
  keyChange('EnableKey', (key) => (key.enabled ? key : { ...key, enabled: true })),
);
