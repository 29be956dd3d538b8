import { DEFAULT_SECONDS, isTimed, MOST_SECONDS, type ProfileSession, type SessionKind } from '../../contract/roles.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Found, Thing } from '../things.ts';
import type { Chain } from './chain.ts';
import { heldOrigin } from './origins/origins.ts';

/** What kind of temporary credentials the first profile of the chain works with; undefined where its key signs by itself. */
export function sessionKind([{ value }, ...sources]: Chain): SessionKind | undefined {
  if (value.origin !== undefined) return heldOrigin(value.origin).sessionKind;
  if (value.role !== undefined) return sources.some(givesRole) ? 'chained-role' : 'role';
  return value.mfaSerial !== undefined || value.sessionSeconds !== undefined ? 'session-token' : undefined;
}

/** Whether what it works with is the credentials of a role. */
function givesRole({ value: { role, origin } }: Found<'profile'>): boolean {
  return role !== undefined || (origin !== undefined && heldOrigin(origin).isRole);
}

/** Undefined where AWS, or a program, decides. */
export function sessionSeconds(profile: Thing<'profile'>, kind: SessionKind): number | undefined {
  if (!isTimed(kind)) return undefined;
  return (kind === 'session-token' ? profile.sessionSeconds : profile.role?.durationSeconds) ?? DEFAULT_SECONDS[kind];
}

export function viewSessionLimits(chain: Chain): ProfileSession | undefined {
  const kind = sessionKind(chain);
  if (kind === undefined) return undefined;
  const seconds = sessionSeconds(chain[0].value, kind);
  return omitUndefined({ kind, seconds, mostSeconds: isTimed(kind) ? MOST_SECONDS[kind] : undefined });
}
