import {
  ListResourceTags$,
  type ListResourceTagsCommandInput,
  type ListResourceTagsCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { page } from './lib/pages.ts';
import { tagList } from './lib/tag-list.ts';

export const listResourceTags = operation<ListResourceTagsCommandInput, ListResourceTagsCommandOutput, ResolvedKey>(
  ListResourceTags$,
  {
    authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'ListResourceTags' }),

    async handle(input, ctx, { key }) {
      const tags = [...key.value.tags].sort((a, b) => (a.key < b.key ? -1 : 1));
      const { items, ...more } = await page(ctx, input, tags, { name: (tag) => tag.key, usual: 50, most: 50 });
      return { Tags: tagList(items), ...more };
    },
  },
);
