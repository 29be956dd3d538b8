import type { AccessKey, Account, Client, Profile } from '../contract/schemas.ts';
import { userNameOf } from './client-user-name.ts';
import { gateMember } from './gates/view-gate.ts';
import { mayLeaveOf } from './leave/may-leave.ts';
import { dueAt } from './rotation/due-at.ts';
import { chainOf } from './sessions/chain.ts';
import { heldOrigin } from './sessions/origins/origins.ts';
import { viewSessionLimits } from './sessions/session-kind.ts';
import type { Found, Things } from './things.ts';

/** A record's time as the contract writes it. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function viewAccount({ id, value }: Found<'account'>): Account {
  return {
    id,
    name: value.name,
    accountId: value.accountId,
    kind: value.kind,
    ...(value.endpointUrl === undefined ? {} : { endpointUrl: value.endpointUrl }),
    ...(value.note === undefined ? {} : { note: value.note }),
    createdAt: instant(value.createdAt),
    ...(value.maxAgeDays === undefined ? {} : { maxAgeDays: value.maxAgeDays }),
    ...(value.schedule === undefined ? {} : { schedule: value.schedule }),
  };
}

/** Names of the profiles that sign with each key, by key id. */
export function profilesByKey(things: Things): ReadonlyMap<string, string[]> {
  const byKey = new Map<string, string[]>();
  for (const { value } of things.all('profile')) {
    if (value.key === undefined) continue;
    const names = byKey.get(value.key);
    if (names === undefined) byKey.set(value.key, [value.name]);
    else names.push(value.name);
  }
  return byKey;
}

export function viewKey(things: Things, { id, value }: Found<'accessKey'>, profiles: readonly string[]): AccessKey {
  const due = dueAt(things, value);
  return {
    id,
    name: value.name,
    account: things.must('account', value.account).name,
    accessKeyId: value.accessKeyId,
    status: value.status,
    createdAt: instant(value.createdAt),
    ...(value.issuedAt === undefined ? {} : { issuedAt: instant(value.issuedAt) }),
    ...(value.lastUsedAt === undefined ? {} : { lastUsedAt: instant(value.lastUsedAt) }),
    ...(value.lastUsedService === undefined ? {} : { lastUsedService: value.lastUsedService }),
    ...(value.lastUsedRegion === undefined ? {} : { lastUsedRegion: value.lastUsedRegion }),
    hasSessionToken: value.token !== undefined,
    tags: value.tags,
    note: value.note,
    profiles: [...profiles],
    ...gateMember(things, value.gate),
    ...(value.maxAgeDays === undefined ? {} : { maxAgeDays: value.maxAgeDays }),
    ...(value.schedule === undefined ? {} : { schedule: value.schedule }),
    ...(due === undefined ? {} : { dueAt: instant(due) }),
    ...(value.snoozedUntil === undefined ? {} : { snoozedUntil: instant(value.snoozedUntil) }),
  };
}

/** How many clients each profile has, by profile id. */
export function clientsByProfile(things: Things): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { value } of things.all('client')) counts.set(value.profile, (counts.get(value.profile) ?? 0) + 1);
  return counts;
}

export function viewProfile(things: Things, { id, value }: Found<'profile'>, clients: number): Profile {
  const chain = chainOf(things, { id, value });
  const [, ...sources] = chain.map((one) => one.value.name);
  const [source] = sources;
  const session = viewSessionLimits(chain);
  const account = things.must('account', value.account);
  const key = value.key === undefined ? undefined : things.must('accessKey', value.key);
  return {
    id,
    name: value.name,
    account: account.name,
    accountId: account.accountId,
    ...(key === undefined ? {} : { key: key.name, accessKeyId: key.accessKeyId }),
    ...(source === undefined ? {} : { source, chain: sources }),
    ...(value.origin === undefined ? {} : { origin: heldOrigin(value.origin).view(things) }),
    ...(value.role === undefined ? {} : { role: value.role }),
    ...(value.mfaSerial === undefined ? {} : { mfaSerial: value.mfaSerial }),
    ...(value.sessionSeconds === undefined ? {} : { sessionSeconds: value.sessionSeconds }),
    ...(session === undefined ? {} : { session }),
    region: value.region,
    ...(value.output === undefined ? {} : { output: value.output }),
    createdAt: instant(value.createdAt),
    clients,
    ...gateMember(things, value.gate),
    ...(account.kind === 'local' ? {} : { mayLeave: mayLeaveOf(value) }),
    ...(value.leaveSeconds === undefined ? {} : { leaveSeconds: value.leaveSeconds }),
  };
}

export function viewClient(things: Things, { id, value }: Found<'client'>, now: number): Client {
  const profile = things.must('profile', value.profile);
  const account = things.must('account', profile.account);
  return {
    id,
    name: value.name,
    purpose: value.purpose,
    profile: profile.name,
    account: account.name,
    principal: account.kind === 'remote' ? 'key' : value.policy === undefined ? 'root' : 'policy',
    ...(value.policy === undefined ? {} : { userName: userNameOf(value) }),
    accessKeyId: value.accessKeyId,
    enabled: value.enabled,
    expired: value.expiresAt !== undefined && value.expiresAt <= now,
    createdAt: instant(value.createdAt),
    ...(value.expiresAt === undefined ? {} : { expiresAt: instant(value.expiresAt) }),
    ...(value.lastUsedAt === undefined ? {} : { lastUsedAt: instant(value.lastUsedAt) }),
    requests: value.requests,
    ...gateMember(things, value.gate),
  };
}
