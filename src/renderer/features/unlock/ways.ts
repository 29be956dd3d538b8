import { hasKey } from '../../../client/ways.ts';
import type { Secret, SlotInfo } from '../../../contract/schemas.ts';

/** How a person may go in, as the unlock page offers it. */
export type WayKind = 'password' | 'password-key' | 'key' | 'recovery-code';

export function kindOfWay(way: SlotInfo): WayKind {
  if (hasKey(way)) return way.factors.includes('password') ? 'password-key' : 'key';
  return way.factors.includes('recovery-code') ? 'recovery-code' : 'password';
}

/** The kinds that there are, the usual ones first. Without knowing any, the two that every vault begins with. */
export function kindsOfWays(ways: readonly SlotInfo[]): WayKind[] {
  if (ways.length === 0) return ['password', 'recovery-code'];
  const kinds = new Set(ways.map(kindOfWay));
  return (['password', 'password-key', 'key', 'recovery-code'] as const).filter((kind) => kinds.has(kind));
}

/** With what a person may prove again who they are, the usual first. */
export function factorsOfWays(ways: readonly SlotInfo[]): Secret['factor'][] {
  const factors = kindsOfWays(ways).map((kind) => (kind === 'password-key' || kind === 'key' ? 'security-key' : kind));
  return [...new Set(factors)];
}
