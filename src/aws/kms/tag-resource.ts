import { TagResource$, type TagResourceCommandInput, type TagResourceCommandOutput } from '@aws-sdk/client-kms';
import { tagConditions } from '../../core/kms/condition-keys.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { mergeTags } from '../../core/kms/tags.ts';
import { operation, type Validated } from '../local/operation.ts';
import { keyChange } from './lib/key-changes.ts';
import { tagsOf } from './lib/tag-list.ts';

export const tagResource = operation<TagResourceCommandInput, TagResourceCommandOutput, ResolvedKey>(
  TagResource$,
  keyChange<Validated<TagResourceCommandInput>>(
    'TagResource',
    (key, input) => ({ ...key, tags: mergeTags(key.tags, tagsOf(input.Tags)) }),
    (input) => ({ conditions: tagConditions(tagsOf(input.Tags)) }),
  ),
);
