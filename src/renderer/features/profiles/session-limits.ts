import { DEFAULT_SECONDS, MOST_SECONDS, type SessionKind } from '../../../contract/roles.ts';
import type { Profile } from '../../../contract/schemas.ts';
import { formatLasting } from '../../lib/format.ts';

const LIMITS: Readonly<Record<SessionKind, string>> = {
  'session-token': `${formatLasting(MOST_SECONDS['session-token'])} at most.`,
  role: `${formatLasting(MOST_SECONDS.role)} at most, or what the role itself allows: AWS says so when it is asked.`,
  'chained-role': `${formatLasting(MOST_SECONDS['chained-role'])} at most: AWS gives no more to a role that another role assumes.`,
};

/** How long AWS lets such a session live, in words. */
export function limitWords(kind: SessionKind): string {
  return LIMITS[kind];
}

/** What is put in where nothing is typed. */
export function usualLasting(kind: SessionKind): string {
  return formatLasting(DEFAULT_SECONDS[kind]);
}

/** Whether credentials of this profile are those of a role: what it is the source of is then chained. */
export function isOfRole(profile: Profile): boolean {
  return profile.session?.kind === 'role' || profile.session?.kind === 'chained-role';
}
