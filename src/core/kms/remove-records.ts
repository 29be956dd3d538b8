import type { Draft } from '../draft.ts';
import type { Things } from '../things.ts';
import type { FoundKey, KmsKey, KmsMaterial } from './records.ts';
import { DAY_MS } from './rotation.ts';
import { draftDestruction } from './token-keys.ts';

/** The kinds that have to be read before any of this, `hsmToken` too for what removes keys. */
export const KMS_KINDS = ['kmsKey', 'kmsAlias', 'kmsGrant', 'kmsKeyStore'] as const;

/** The HSM objects of materials that no other key has: those of a multi-Region key are shared. */
export function objectsToRemove(
  things: Things,
  key: FoundKey,
  materials: readonly KmsMaterial[] = key.value.materials,
): string[] {
  const others = things.kms.related(key.value.account, key.value.keyId).filter(({ id }) => id !== key.id);
  const shared = new Set(others.flatMap(({ value }) => value.materials.map(({ object }) => object?.id)));
  return materials.flatMap(({ object }) => (object === undefined || shared.has(object.id) ? [] : [object.id]));
}

/** The HSM objects that go when a key's waiting period is over; those of a primary key, which waits for its replicas, are its own by then. */
export function objectsThatGo(things: Things, key: FoundKey): string[] {
  if (key.value.multiRegion !== 'PRIMARY') return objectsToRemove(things, key);
  return key.value.materials.flatMap(({ object }) => (object === undefined ? [] : [object.id]));
}

/**
 * Drafts the end of a key: its record, aliases, grants and key material. A primary key that waited for its last replica begins its own
 * waiting period at `now`.
 */
export function removeKmsKey(draft: Draft, things: Things, key: FoundKey, now: number): void {
  for (const alias of things.kms.aliasesOf(key.id)) draft.remove('kmsAlias', alias.id);
  for (const grant of things.kms.grantsOf(key.id)) draft.remove('kmsGrant', grant.id);
  for (const object of objectsToRemove(things, key)) draft.removeObject(object);
  if (key.value.gate?.object !== undefined) draft.removeObject(key.value.gate.object.id);
  draftDestruction(draft, things, [key.value]);
  draft.remove('kmsKey', key.id);
  const others = things.kms.related(key.value.account, key.value.keyId).filter(({ id }) => id !== key.id);
  const primary = others.find(({ value }) => value.multiRegion === 'PRIMARY');
  const deletion = primary?.value.deletion;
  if (primary === undefined || deletion === undefined || deletion.at !== undefined || others.length > 1) return;
  draft.put('kmsKey', primary.id, {
    ...primary.value,
    deletion: { ...deletion, at: now + deletion.windowInDays * DAY_MS },
  });
}

/**
 * Drafts the end of everything that an account's KMS holds, and answers how many records that are. What its keys have in tokens ends too, unless it is to be left there. Needs
 * KMS_KINDS to have been read.
 */
export function removeKmsOfAccount(
  draft: Draft,
  things: Things,
  account: string,
  { leaveInTokens = false }: { leaveInTokens?: boolean } = {},
): number {
  const before = draft.items.length;
  const objects = new Set<string>();
  const inTokens: KmsKey[] = [];
  for (const { id, value } of things.all('kmsKey')) {
    if (value.account !== account) continue;
    draft.remove('kmsKey', id);
    if (value.origin === 'AWS_CLOUDHSM') inTokens.push(value);
    for (const { object } of value.materials) if (object !== undefined) objects.add(object.id);
    if (value.gate?.object !== undefined) objects.add(value.gate.object.id);
  }
  for (const { id, value } of things.all('kmsAlias')) if (value.account === account) draft.remove('kmsAlias', id);
  for (const { id, value } of things.all('kmsGrant')) if (value.account === account) draft.remove('kmsGrant', id);
  for (const { id, value } of things.all('kmsKeyStore')) {
    if (value.account !== account) continue;
    draft.remove('kmsKeyStore', id);
    if (value.backing.type === 'EXTERNAL_KEY_STORE') objects.add(value.backing.secret.id);
  }
  const removed = draft.items.length - before;
  if (!leaveInTokens) draftDestruction(draft, things, inTokens);
  for (const object of objects) draft.removeObject(object);
  return removed;
}
