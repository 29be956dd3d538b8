import type { Tag } from '@aws-sdk/client-iam';
import type { IamTag } from '../../../core/directory/records.ts';
import type { Validated } from '../../local/operation.ts';
import { iamError } from './iam-error.ts';

/** Condition keys: a list is a multivalued key, undefined an absent one. */
export type Conditions = Readonly<Record<string, string | readonly string[] | undefined>>;

/** AWS's quota of tags per resource. */
const MOST_TAGS = 50;

/** A request's tags as the record keeps them. Throws InvalidInput; lengths and characters are the model's constraints. */
export function tagsOf(list: readonly Validated<Tag>[] | undefined): IamTag[] {
  const tags = (list ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));
  const keys = tags.map(({ key }) => key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw iamError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (keys.some((key) => key.startsWith('aws:'))) {
    throw iamError('InvalidInput', 'Tag keys that begin with aws: are reserved for AWS.');
  }
  return tags;
}

export function tagList(tags: readonly IamTag[]): Tag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

/** `tags` with `added`: a key that is there, in whatever case, gets the new value. Throws LimitExceeded. */
export function mergeTags(tags: readonly IamTag[], added: readonly IamTag[]): IamTag[] {
  const merged = [
    ...withoutTags(
      tags,
      added.map(({ key }) => key),
    ),
    ...added,
  ];
  if (merged.length > MOST_TAGS) throw iamError('LimitExceeded', 'The number of tags has reached the maximum limit.');
  return merged;
}

/** Keys that are not there are passed over, as AWS does. */
export function withoutTags(tags: readonly IamTag[], keys: readonly string[]): IamTag[] {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return tags.filter(({ key }) => !gone.has(key.toLowerCase()));
}

/** Tags that a request sets or takes away. */
export function requestTags(tags: readonly IamTag[], keys: readonly string[] = tags.map(({ key }) => key)): Conditions {
  return {
    'aws:TagKeys': keys,
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
  };
}

/** The tags of what a request is about. */
export function resourceTags(tags: readonly IamTag[] = []): Conditions {
  return Object.fromEntries(
    tags.flatMap(({ key, value }) => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
  );
}
