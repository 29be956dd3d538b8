import type { DoorBackend } from '../../core/door.ts';
import { AwsError } from '../protocol/aws-error.ts';

/** @throws AwsError `Locked`, with the command that helps */
export function requireUnlocked(backend: DoorBackend): void {
  const state = backend.state();
  if (state === 'unlocked') return;
  throw state === 'none' ? new AwsError('Locked', 'Keyhold has no vault yet. Run `keyhold init`.') : locked();
}

export function locked(): AwsError {
  return new AwsError('Locked', 'Keyhold is locked. Run `keyhold unlock`.');
}
