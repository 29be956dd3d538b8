import {
  UpdateKeyDescription$,
  type UpdateKeyDescriptionCommandInput,
  type UpdateKeyDescriptionCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation, type Validated } from '../local/operation.ts';
import { keyChange } from './lib/key-changes.ts';

export const updateKeyDescription = operation<
  UpdateKeyDescriptionCommandInput,
  UpdateKeyDescriptionCommandOutput,
  ResolvedKey
>(
  UpdateKeyDescription$,
  keyChange<Validated<UpdateKeyDescriptionCommandInput>>('UpdateKeyDescription', (key, input) => ({
    ...key,
    description: input.Description,
  })),
);
