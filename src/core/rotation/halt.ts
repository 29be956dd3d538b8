import type { RotationHalt } from '../../contract/rotation.ts';

/** Why a rotation does not go on, in a sentence that says what to do. Thrown within a step, and kept in the journal. */
export class Halt extends Error {
  readonly why: RotationHalt;

  constructor(why: RotationHalt, message: string, options?: ErrorOptions) {
    super(message, options);
    this.why = why;
  }
}

/** What is tried again by itself. */
export function retriesItself(why: RotationHalt): boolean {
  return why === 'network' || why === 'unverified' || why === 'inDoubt';
}

/** What a person may agree to. */
export function canBeConfirmed(why: RotationHalt): boolean {
  return why === 'usedElsewhere' || why === 'unwatched' || why === 'begunOffline' || why === 'inDoubt';
}
