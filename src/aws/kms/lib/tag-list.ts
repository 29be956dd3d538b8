import type { Tag } from '@aws-sdk/client-kms';
import type { KeyTag } from '../../../core/kms/tags.ts';
import type { Validated } from '../../local/operation.ts';

/** A request's tags as the record keeps them. */
export function tagsOf(list: readonly Validated<Tag>[] | undefined): KeyTag[] {
  return (list ?? []).map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue }));
}

export function tagList(tags: readonly KeyTag[]): Tag[] {
  return tags.map(({ key, value }) => ({ TagKey: key, TagValue: value }));
}
