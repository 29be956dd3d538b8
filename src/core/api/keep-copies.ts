import type { Core } from '../core.ts';
import type { Session } from '../session.ts';

/** Reading copies back and making backups must not slow down what a person does right after an unlock. */
const FIRST_MS = 60_000;
const AGAIN_MS = 900_000;

/** From now until the next lock: copies are read back once a day, and backups are made when they are due. */
export function keepCopies({ lifecycle, mirrors, backups }: Core, session: Session): void {
  const work = async (): Promise<void> => {
    // A mirror takes as long to be read as its disk takes: no backup waits for that.
    await backups.whenDue(session);
    await mirrors.verifyDue();
  };
  lifecycle.later(FIRST_MS, work);
  lifecycle.every(AGAIN_MS, work);
}
