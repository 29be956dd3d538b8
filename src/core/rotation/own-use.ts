import type { Thing } from '../things.ts';
import { type OwnCalls, TOLERANCE_MS } from './own-calls.ts';

/** Whether AWS may have seen this vault when it saw the key: until its last use here, before it came into the vault, or at a call of a rotation's. */
export function isOwnUse(calls: OwnCalls, key: Thing<'accessKey'>, at: number): boolean {
  const last = Math.max(key.createdAt, key.lastUsedAt ?? 0);
  return at <= last + TOLERANCE_MS || calls.explain(key.accessKeyId, at);
}
