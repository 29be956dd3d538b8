import { UntagResource$, type UntagResourceCommandInput, type UntagResourceCommandOutput } from '@aws-sdk/client-kms';
import { tagConditions } from '../../core/kms/condition-keys.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { withoutTags } from '../../core/kms/tags.ts';
import { operation, type Validated } from '../local/operation.ts';
import { keyChange } from './lib/key-changes.ts';

export const untagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput, ResolvedKey>(
  UntagResource$,
  keyChange<Validated<UntagResourceCommandInput>>(
    'UntagResource',
    (key, input) => ({ ...key, tags: withoutTags(key.tags, input.TagKeys) }),
    (input) => ({ conditions: tagConditions([], input.TagKeys) }),
  ),
);
