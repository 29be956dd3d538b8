import type { DaemonEvent } from '../contract/events.ts';
import type { Draft } from './draft.ts';
import type { ThingKind } from './things.ts';
import type { Change } from './vault/plan.ts';

export type Changed = (DaemonEvent & { type: 'changed' })['what'][number];
/** What a screen reads anew. */
const CHANGED: Readonly<Record<ThingKind, Changed>> = {
  account: 'accounts',
  accessKey: 'keys',
  profile: 'profiles',
  awsSession: 'sessions',
  leftSession: 'sessions',
  client: 'clients',
  settings: 'settings',
  authority: 'settings',
  hsmToken: 'tokens',
  otpDevice: 'totp',
  securityKey: 'securityKeys',
  rotation: 'rotations',
  certificate: 'certificates',
  signIn: 'signIns',
  panic: 'panic',
  credential: 'credentials',
  kmsKey: 'kms',
  kmsAlias: 'kms',
  kmsGrant: 'kms',
  kmsKeyStore: 'kms',
  // No screen has them of its own.
  iamUser: 'accounts',
  iamMfaDevice: 'accounts',
};

/**
 * The draft as the vault takes it. An object that is not there any more (`isObject`) need not be removed: a record that refers to one can still be mended, or removed itself.
 */
export function sortDraft(
  draft: Draft,
  isObject: (id: string) => boolean,
): { change: Change; removedObjects: string[]; changed: Changed[] } {
  const put: { id: string; kind: ThingKind; data: unknown }[] = [];
  const putObjects: { id: string; version: number; blob: Uint8Array }[] = [];
  const remove: string[] = [];
  const removedObjects: string[] = [];
  const changed = new Set<Changed>();
  for (const item of draft.items) {
    if ('put' in item) {
      put.push({ id: item.id, kind: item.put, data: item.value });
      changed.add(CHANGED[item.put]);
    } else if ('remove' in item) {
      remove.push(item.id);
      changed.add(CHANGED[item.remove]);
    } else if ('putObject' in item) {
      putObjects.push({ id: item.putObject, version: item.version, blob: item.blob });
    } else if (isObject(item.removeObject)) {
      remove.push(item.removeObject);
      removedObjects.push(item.removeObject);
    }
  }
  if (draft.slots !== undefined) changed.add('slots');
  const slots = draft.slots === undefined ? {} : { slots: draft.slots };
  return { change: { put, putObjects, remove, audit: draft.audit, ...slots }, removedObjects, changed: [...changed] };
}
