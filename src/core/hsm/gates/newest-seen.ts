import { KeyholdError } from '../../../contract/errors.ts';
import type { ObjectAttributes } from '../protocol.ts';
import type { TokenState } from '../state.ts';

/** An object that was seen with a gate is not taken as it was before: an older version may have none, and still opens. Throws `HsmRefused`. */
export function requireNewestSeen(state: TokenState, id: string, version: number): void {
  if (isNewestSeen(state, id, version)) return;
  throw new KeyholdError('HsmRefused', 'What wants a touch here was changed in the meantime. Try again.');
}

export function isNewestSeen({ gates }: TokenState, id: string, version: number): boolean {
  return version >= (gates.newest.get(id) ?? 0);
}

export function noteSeen({ gates }: TokenState, { id, policy }: ObjectAttributes, version: number): void {
  if (policy.mfa === undefined) return;
  gates.newest.set(id, Math.max(version, gates.newest.get(id) ?? 0));
}

/** Its gate has been taken away rightfully, so no version of it is worth more than another. */
export function forgetSeen({ gates }: TokenState, id: string): void {
  gates.newest.delete(id);
}
