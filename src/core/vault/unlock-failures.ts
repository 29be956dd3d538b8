import { z } from 'zod';
import { utf8 } from '../crypto/bytes.ts';
import type { Vault } from './store.ts';

const KEY = 'unlock_failures';
const Failures = z.object({ count: z.int().min(0), lastAt: z.int().min(0) });
/** Failed unlocks in a row; `lastAt` in ms since epoch. Only a speed bump: whoever can write the file can reset it. */
export type UnlockFailures = z.infer<typeof Failures>;

export function unlockFailures(vault: Vault): UnlockFailures {
  const none = { count: 0, lastAt: 0 };
  const bytes = vault.rows.meta(KEY);
  if (bytes === null) return none;
  try {
    const parsed = Failures.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : none;
  } catch {
    return none;
  }
}

export function noteUnlockFailure(vault: Vault, now: number): UnlockFailures {
  const failures = { count: unlockFailures(vault).count + 1, lastAt: now };
  vault.reserve.use(() => vault.rows.setMeta(KEY, utf8(JSON.stringify(failures))));
  return failures;
}

export function clearUnlockFailures(vault: Vault): void {
  if (vault.rows.meta(KEY) !== null) vault.reserve.use(() => vault.rows.removeMeta(KEY));
}
