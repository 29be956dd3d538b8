import { DEFAULT_SECONDS, MOST_SECONDS, type TimedKind } from '../../../contract/roles.ts';
import type { Profile } from '../../../contract/schemas.ts';
import { formatLasting } from '../../lib/format.ts';

const ROLE_LIMIT = `${formatLasting(MOST_SECONDS.role)} at most, or what the role itself allows: AWS says so when it is asked.`;

const LIMITS: Readonly<Record<TimedKind, string>> = {
  'session-token': `${formatLasting(MOST_SECONDS['session-token'])} at most.`,
  role: ROLE_LIMIT,
  'chained-role': `${formatLasting(MOST_SECONDS['chained-role'])} at most: AWS gives no more to a role that another role assumes.`,
  saml: ROLE_LIMIT,
  'web-identity': ROLE_LIMIT,
  'roles-anywhere': ROLE_LIMIT,
};

/** How long AWS lets such a session live, in words. */
export function limitWords(kind: TimedKind): string {
  return LIMITS[kind];
}

/** What is put in where nothing is typed. */
export function usualLasting(kind: TimedKind): string {
  return formatLasting(DEFAULT_SECONDS[kind]);
}

/** Whether credentials of this profile are those of a role: what it is the source of is then chained. */
export function isOfRole(profile: Profile): boolean {
  const kind = profile.session?.kind;
  return kind !== undefined && kind !== 'session-token' && kind !== 'process';
}
