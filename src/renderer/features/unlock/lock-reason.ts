import type { LockReason } from '../../../contract/schemas.ts';

const REASONS: Readonly<Record<LockReason, string>> = {
  start: 'Keyhold starts with the vault locked.',
  request: 'You locked it.',
  idle: 'It locked by itself because nothing happened for a while.',
  'hsm-crashed': 'The HSM process ended unexpectedly, so the vault locked itself. Nothing was lost.',
  tampered: 'The vault was changed from outside Keyhold, so the HSM has stopped.',
  restore: 'A backup was restored. Unlock it with the password it had then.',
};

/** Why the vault is locked, in one sentence. */
export function describeLock(reason: LockReason | undefined): string {
  return REASONS[reason ?? 'start'];
}
