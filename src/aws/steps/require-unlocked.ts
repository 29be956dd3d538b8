import type { DoorBackend } from '../../core/door.ts';
import { AwsError } from '../protocol/aws-error.ts';

/** @throws AwsError `Locked`, with what was found or the command that helps */
export function requireUnlocked(backend: DoorBackend): void {
  const state = backend.state();
  if (state === 'unlocked') return;
  throw state === 'none'
    ? new AwsError('Locked', 'Keyhold has no vault yet. Run `keyhold init`.')
    : locked(backend.lockDetail());
}

/** `found` is what is wrong with the vault, where it is locked for that. */
export function locked(found?: string): AwsError {
  if (found === undefined) return new AwsError('Locked', 'Keyhold is locked. Run `keyhold unlock`.');
  return new AwsError('Locked', `Keyhold is locked, because the vault does not verify. ${found}`);
}
