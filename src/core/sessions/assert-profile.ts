import { KeyholdError } from '../../contract/errors.ts';
import { originWords } from '../../contract/origin-words.ts';
import { isServedRegion, notServed } from '../../contract/partitions.ts';
import { MOST_SECONDS, ROLE_ARN } from '../../contract/roles.ts';
import type { Found, Thing, Things } from '../things.ts';
import { type Chain, chainOf, withHeirs } from './chain.ts';
import type { KeptOrigin } from './origins/kept-origin.ts';
import { heldOrigin } from './origins/origins.ts';
import { sessionKind, sessionSeconds } from './session-kind.ts';

/** Throws `InvalidInput` where AWS could never give this profile, or one that has it as a source, what it asks for. `profile` need not be written yet. */
export function assertProfile(things: Things, profile: Found<'profile'>): void {
  for (const one of withHeirs(things, [profile])) {
    const chain = chainOf(things, one, profile);
    const account = things.must('account', one.value.account);
    try {
      if (account.kind === 'local') assertLocal(account, one.value);
      else assertRemote(things, account, chain);
    } catch (error) {
      if (one.id === profile.id || !(error instanceof KeyholdError)) throw error;
      throw new KeyholdError(
        'InvalidInput',
        `The profile ${one.value.name} has ${profile.value.name} as a source: ${error.message}`,
        undefined,
        { cause: error },
      );
    }
  }
}

function assertLocal({ name }: Thing<'account'>, profile: Thing<'profile'>): void {
  assertLocalRegion(profile.region);
  const none = ['key', 'source', 'origin', 'role', 'mfaSerial', 'sessionSeconds', 'mayLeave', 'leaveSeconds'] as const;
  for (const field of none) {
    if (profile[field] === undefined) continue;
    const what = ['key', 'source', 'origin'].includes(field) ? `have no ${field}` : 'get no session from AWS';
    throw refused(field, `the account ${name} is local; its profiles ${what}.`);
  }
}

/** What is signed for another Region would be refused at the door. */
export function assertLocalRegion(region: string): void {
  if (!isServedRegion(region)) throw refused('region', notServed(region));
}

function assertRemote(things: Things, account: Thing<'account'>, chain: Chain): void {
  const [{ value: profile }, source] = chain;
  if (profile.origin !== undefined) assertOrigin(things, profile, profile.origin);
  else if (profile.key !== undefined) assertKey(things, account, profile, profile.key);
  else if (source === undefined) {
    throw refused(
      'key',
      `say which access key of ${account.name} signs, which profile is the source of a role, or where its credentials come from.`,
    );
  } else assertSource(things, profile, source.value);
  if (profile.role !== undefined) assertRole(account, profile.role);
  assertLimits(chain);
}

function assertKey(things: Things, account: Thing<'account'>, profile: Thing<'profile'>, id: string): void {
  const key = things.must('accessKey', id);
  if (profile.source !== undefined) throw refused('source', 'give either a key or a source, not both.');
  // A role is often assumed with a key of another account.
  if (profile.role === undefined && key.account !== profile.account) {
    throw refused(
      'key',
      `the access key ${key.name} does not belong to the account ${account.name}; choose one that does.`,
    );
  }
  const wantsToken = profile.mfaSerial !== undefined || profile.sessionSeconds !== undefined;
  if (wantsToken && key.token !== undefined) {
    throw refused(
      'key',
      `${key.name} is temporary itself (it has a session token), and AWS gives no session for such a key. Choose a user’s own key.`,
    );
  }
}

function assertOrigin(things: Things, profile: Thing<'profile'>, kept: KeptOrigin): void {
  for (const field of ['key', 'source'] as const) {
    if (profile[field] !== undefined)
      throw refused(field, 'give either a key, a source or an origin, not two of them.');
  }
  for (const field of ['mfaSerial', 'sessionSeconds'] as const) {
    if (profile[field] !== undefined) throw refused(field, 'is for sessions that are got with an access key.');
  }
  const origin = heldOrigin(kept);
  if (profile.role !== undefined && !origin.takesRole) {
    throw refused(
      'role',
      `what the ${originWords(origin.view(things))} gives is used as it is; to assume a role with it, make another profile whose source is this one.`,
    );
  }
  if (profile.role === undefined && origin.takesRole) throw refused('role', 'say which role it is.');
  origin.assert(things, profile);
}

function assertSource(things: Things, profile: Thing<'profile'>, source: Thing<'profile'>): void {
  const account = things.must('account', source.account);
  if (account.kind === 'local') {
    throw refused(
      'source',
      `the profile ${source.name} is of the local account ${account.name}, whose keys AWS does not know.`,
    );
  }
  if (profile.role === undefined) {
    throw refused(
      'source',
      `credentials of ${source.name} are of use to assume a role; say which one, or name a key instead.`,
    );
  }
}

function assertRole(account: Thing<'account'>, role: NonNullable<Thing<'profile'>['role']>): void {
  const id = ROLE_ARN.exec(role.arn)?.[1];
  if (id !== account.accountId) {
    throw refused(
      'role.arn',
      `${role.arn} is a role of the account ${id}, but ${account.name} has the id ${account.accountId}. Choose the account that has the role.`,
    );
  }
  if (role.policy !== undefined && !isJsonObject(role.policy)) {
    throw refused('role.policy', 'a session policy is a JSON document with a Statement; this is none.');
  }
  const tags = Object.keys(role.tags ?? {});
  if (tags.length > 50) throw refused('role.tags', `a session takes at most 50 tags, not ${tags.length}.`);
  const unknown = role.transitiveTagKeys?.find((key) => !tags.includes(key));
  if (unknown !== undefined) throw refused('role.transitiveTagKeys', `there is no tag ${unknown} to pass on.`);
}

function assertLimits(chain: Chain): void {
  const [{ value: profile }, source] = chain;
  const kind = sessionKind(chain);
  if (profile.role !== undefined && profile.sessionSeconds !== undefined) {
    throw refused('sessionSeconds', 'is for sessions without a role; give the role’s durationSeconds instead.');
  }
  if (kind !== 'chained-role') return;
  const seconds = sessionSeconds(profile, kind);
  if (seconds !== undefined && seconds > MOST_SECONDS[kind]) {
    throw refused(
      'role.durationSeconds',
      `AWS lets a role that is assumed with another role’s credentials live for one hour (3,600 seconds) at most, and ${profile.name} asks for ${seconds}.`,
    );
  }
  if (profile.mfaSerial !== undefined) {
    throw refused(
      'mfaSerial',
      `an MFA device belongs to a user, and ${profile.name} is assumed with the credentials of a role. Give the device to the profile of the first role, or to its source${source === undefined ? '' : `, behind ${source.value.name}`}.`,
    );
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function refused(field: string, message: string): KeyholdError {
  return new KeyholdError('InvalidInput', `${field}: ${message}`);
}
