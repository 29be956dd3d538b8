import { KmsError } from './kms-error.ts';
import type { KmsKey } from './records.ts';

export type KeyTag = KmsKey['tags'][number];

/** AWS's quota of tags per resource. */
const MOST_TAGS = 50;

/** Tags of a request as the record keeps them. Throws TagException in AWS's words; lengths are the model's constraints. */
export function checkTags(tags: readonly KeyTag[]): void {
  const keys = new Set(tags.map(({ key }) => key));
  if (keys.size < tags.length) throw new KmsError('TagException', 'Duplicate tag keys');
  if (tags.length > MOST_TAGS) throw new KmsError('TagException', 'Too many tags');
  for (const key of keys) {
    if (key.toLowerCase().startsWith('aws:'))
      throw new KmsError('TagException', 'Tags beginning with aws: are reserved');
  }
}

/** `tags` with `added`: a key that is there already gets the new value and keeps its place. Throws TagException. */
export function mergeTags(tags: readonly KeyTag[], added: readonly KeyTag[]): KeyTag[] {
  checkTags(added);
  const merged = new Map([...tags, ...added].map(({ key, value }) => [key, value]));
  if (merged.size > MOST_TAGS) throw new KmsError('TagException', 'Too many tags');
  return [...merged].map(([key, value]) => ({ key, value }));
}

/** Keys that are not there are passed over, as AWS does. */
export function withoutTags(tags: readonly KeyTag[], keys: readonly string[]): KeyTag[] {
  return tags.filter(({ key }) => !keys.includes(key));
}
