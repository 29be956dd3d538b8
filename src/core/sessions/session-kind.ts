import { DEFAULT_SECONDS, MOST_SECONDS, type ProfileSession, type SessionKind } from '../../contract/roles.ts';
import type { Thing } from '../things.ts';
import type { Chain } from './chain.ts';

/** What kind of temporary credentials the first profile of the chain works with; undefined where its key signs by itself. */
export function sessionKind([{ value }, ...sources]: Chain): SessionKind | undefined {
  if (value.role !== undefined) return sources.some((one) => one.value.role !== undefined) ? 'chained-role' : 'role';
  return value.mfaSerial !== undefined || value.sessionSeconds !== undefined ? 'session-token' : undefined;
}

export function sessionSeconds(profile: Thing<'profile'>, kind: SessionKind): number {
  return (kind === 'session-token' ? profile.sessionSeconds : profile.role?.durationSeconds) ?? DEFAULT_SECONDS[kind];
}

export function viewSessionLimits(chain: Chain): ProfileSession | undefined {
  const kind = sessionKind(chain);
  if (kind === undefined) return undefined;
  return { kind, seconds: sessionSeconds(chain[0].value, kind), mostSeconds: MOST_SECONDS[kind] };
}
