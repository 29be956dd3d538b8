import { KeyholdError } from '../../contract/errors.ts';
import type { Draft } from '../draft.ts';
import { removeLeft } from '../leave/remove-left.ts';
import { withHeirs } from '../sessions/chain.ts';
import { profilesReferringTo } from '../sessions/origins/profiles-referring-to.ts';
import { removeSession } from '../sessions/remove-session.ts';
import type { Found, Things } from '../things.ts';

export interface Dependents {
  keys: Found<'accessKey'>[];
  profiles: Found<'profile'>[];
  clients: Found<'client'>[];
  /** Of the keys that go: those that have ended are no reason to ask, and go along. */
  rotations: Found<'rotation'>[];
  /** That follow from the keys that go, or that IAM is asked about with them. */
  credentials: Found<'credential'>[];
}

export function dependentsOfAccount(things: Things, account: string): Dependents {
  const keys = things.all('accessKey').filter(({ value }) => value.account === account);
  const ids = new Set(keys.map(({ id }) => id));
  const profiles = withHeirs(
    things,
    things
      .all('profile')
      .filter(({ value }) => value.account === account || (value.key !== undefined && ids.has(value.key))),
  );
  return {
    ...{ keys, profiles, clients: clientsOf(things, profiles) },
    ...{ rotations: rotationsOf(things, ids), credentials: credentialsOf(things, ids) },
  };
}

export function dependentsOfKey(things: Things, key: string): Dependents {
  const profiles = withHeirs(
    things,
    things.all('profile').filter(({ value }) => value.key === key),
  );
  const ids = new Set([key]);
  return {
    ...{ keys: [], profiles, clients: clientsOf(things, profiles) },
    ...{ rotations: rotationsOf(things, ids), credentials: credentialsOf(things, ids) },
  };
}

export function dependentsOfProfile(things: Things, profile: Found<'profile'>): Dependents {
  const all = withHeirs(things, [profile]);
  const others = all.filter(({ id }) => id !== profile.id);
  return { keys: [], profiles: others, clients: clientsOf(things, all), rotations: [], credentials: [] };
}

/** Of a record that origins of profiles refer to. */
export function dependentsOfReferred(things: Things, record: string): Dependents {
  const profiles = withHeirs(things, profilesReferringTo(things, record));
  return { keys: [], profiles, clients: clientsOf(things, profiles), rotations: [], credentials: [] };
}

function rotationsOf(things: Things, keys: ReadonlySet<string>): Found<'rotation'>[] {
  return things.all('rotation').filter(({ value }) => keys.has(value.key));
}

function credentialsOf(things: Things, keys: ReadonlySet<string>): Found<'credential'>[] {
  return things.all('credential').filter(({ value }) => keys.has(value.key));
}

function clientsOf(things: Things, profiles: readonly Found<'profile'>[]): Found<'client'>[] {
  const ids = new Set(profiles.map(({ id }) => id));
  return things.all('client').filter(({ value }) => ids.has(value.profile));
}

/**
 * Drafts the removal of everything that depends on what is being removed, each with its own audit entry. Throws `InUse`, naming the
 * dependents, when there are some and the caller did not ask for that.
 */
export function removeWithDependents(
  draft: Draft,
  things: Things,
  removed: { noun: string; name: string; cascade: boolean },
  { keys, profiles, clients, rotations, credentials }: Dependents,
): void {
  const names = [
    ...keys.map(({ value }) => ({ kind: 'key', name: value.name })),
    ...profiles.map(({ value }) => ({ kind: 'profile', name: value.name })),
    ...clients.map(({ value }) => ({ kind: 'client', name: value.name })),
    ...credentials.map(({ value }) => ({ kind: 'credential', name: value.name })),
    ...rotations.flatMap(({ value }) => (value.outcome === undefined ? { kind: 'rotation', name: value.keyName } : [])),
  ];
  if (names.length > 0 && !removed.cascade) {
    const shown = names.slice(0, 5).map(({ kind, name }) => `${kind} ${name}`);
    const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
    throw new KeyholdError(
      'InUse',
      `The ${removed.noun} ${removed.name} is used by ${shown.join(', ')}${more}. Remove those first, or all of it at once (--cascade).`,
      { dependents: names },
    );
  }
  const reason = `removed with ${removed.noun} ${removed.name}`;
  for (const one of rotations) removeRotation(draft, one);
  for (const one of credentials) dropCredential(draft, one, reason);
  for (const one of clients) removeClient(draft, one, reason);
  for (const one of profiles) removeProfile(draft, things, one, reason);
  for (const one of keys) removeKey(draft, one, reason);
}

/** With its rotations, which have ended. What it opens stays at AWS unless it was deleted there. */
export function removeCredential(
  draft: Draft,
  things: Things,
  { id, value }: Found<'credential'>,
  reason?: string,
): void {
  for (const rotation of things.all('rotation')) {
    if (rotation.value.credential?.id === id) draft.remove('rotation', rotation.id);
  }
  dropCredential(draft, { id, value }, reason);
}

function dropCredential(draft: Draft, { id, value }: Found<'credential'>, reason?: string): void {
  draft.remove('credential', id);
  if (value.type !== 'smtp' && value.secret !== undefined) draft.removeObject(value.secret.id);
  draft.record('credential.remove', value.name, reason === undefined ? {} : { reason });
}

/** With the secret that is not the key's at present. What that opens stays in IAM, and the log says so. */
function removeRotation(draft: Draft, { id, value }: Found<'rotation'>): void {
  if (value.creating !== undefined && value.halt === undefined) {
    throw new KeyholdError(
      'InUse',
      `AWS is being asked for the successor of ${value.keyName}; without the rotation nobody would know of it. Try again in a moment, or roll the rotation back first.`,
    );
  }
  draft.remove('rotation', id);
  if (value.outcome !== undefined) return;
  const { old, fresh, mfa, switchedAt, prepared } = value;
  const spare = switchedAt === undefined ? fresh : old;
  for (const object of [spare?.secret, prepared?.secret, mfa?.secret, mfa?.token])
    if (object !== undefined) draft.removeObject(object.id);
  draft.record('rotation.abandon', value.keyName, {
    account: value.accountName,
    ...(spare === undefined ? {} : { reason: `${spare.accessKeyId} stays in IAM` }),
  });
}

export function removeProfile(draft: Draft, things: Things, { id, value }: Found<'profile'>, reason?: string): void {
  draft.remove('profile', id);
  removeSession(draft, things, id);
  removeLeft(draft, things, id);
  if (value.gate?.object !== undefined) draft.removeObject(value.gate.object.id);
  draft.record('profile.remove', value.name, { profile: value.name, ...(reason === undefined ? {} : { reason }) });
}

export function removeClient(draft: Draft, { id, value }: Found<'client'>, reason?: string): void {
  draft.remove('client', id);
  draft.removeObject(value.secret.id);
  draft.record('client.remove', value.name, {
    client: value.name,
    clientKeyId: value.accessKeyId,
    ...(reason === undefined ? {} : { reason }),
  });
}

export function removeKey(draft: Draft, { id, value }: Found<'accessKey'>, reason?: string): void {
  draft.remove('accessKey', id);
  draft.removeObject(value.secret.id);
  if (value.token !== undefined) draft.removeObject(value.token.id);
  draft.record('key.remove', value.name, reason === undefined ? {} : { reason });
}
