import { KeyholdError } from '../../contract/errors.ts';
import { isWithoutTouch } from '../gates/without-touch.ts';
import type { IamSigner } from '../rotation/aws-iam.ts';
import { faultOf, isFault } from '../rotation/faults.ts';
import { loggedMessage } from '../sessions/program-failed.ts';
import type { Hand } from './hands.ts';
import type { PanicRun } from './run.ts';

/** The time for it is over, or the vault is locked: what was not asked stays as it is. */
export class Over extends Error {}

export type Outcome =
  | { ok: true; by: Hand }
  /** `denied`: nobody may do it; `gone`: what it is about is not there. */
  | {
      ok: false;
      why: 'denied' | 'gone' | 'nobody' | 'network' | 'touch' | 'refused';
      message: string;
      /** Of one of the calls the answer is not known: it may have been done, whatever was said later. */
      unsure?: true;
    };

/** Waits before a call is made once more, in ms. Each may be made twice. */
const WAITS: readonly number[] = [500, 1500];

/** Does it with the first of the hands that may. Throws `Over`. */
export async function attempt(
  run: PanicRun,
  hands: readonly Hand[],
  work: (signer: IamSigner) => Promise<void>,
): Promise<Outcome> {
  let last: Outcome = {
    ok: false,
    why: 'nobody',
    message: 'No credentials of this vault work in the account any more.',
  };
  let unsure = false;
  const missed = (): void => {
    unsure = true;
  };
  for (const hand of hands) {
    if (hand.off) continue;
    try {
      await again(run, () => work(hand.signer()), missed);
      return { ok: true, by: hand };
    } catch (error) {
      if (run.over || run.session.closed) throw new Over();
      const failed = outcomeOf(error);
      if (failed === null) throw error;
      if (isFault(error, 'badKey', 'expired')) {
        hand.off = true;
        continue;
      }
      // A missing permission of one says nothing of the next; a touch that nobody gave neither.
      if (failed.why !== 'denied' && failed.why !== 'touch') return unsure ? { ...failed, unsure } : failed;
      if (last.ok || last.why !== 'touch') last = failed;
    }
  }
  return unsure && !last.ok ? { ...last, unsure } : last;
}

async function again(run: PanicRun, call: () => Promise<void>, missed: () => void): Promise<void> {
  for (const wait of [...WAITS, null]) {
    if (run.over || run.session.closed) throw new Over();
    try {
      return await call();
    } catch (error) {
      if (isFault(error, 'network', 'server')) missed();
      // One that AWS was silent about has used up most of the time that there is.
      if (isTimeout(error)) throw error;
      if (wait === null || !isFault(error, 'slow', 'network', 'server')) throw error;
      await new Promise<void>((resolve) => run.call.core.ports.clock.setTimer(wait, resolve));
    }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof KeyholdError && error.code === 'Timeout';
}

/** Null for what is no failure of a call: a defect. */
function outcomeOf(error: unknown): (Outcome & { ok: false }) | null {
  if (!(error instanceof KeyholdError)) return null;
  const message = loggedMessage(error);
  if (isWithoutTouch(error))
    return { ok: false, why: 'touch', message: 'The access key wants a touch of a security key.' };
  switch (faultOf(error)) {
    case 'network':
    case 'slow':
    case 'server':
      return { ok: false, why: 'network', message };
    case 'missing':
      return { ok: false, why: 'gone', message };
    case 'denied':
    case 'mfa':
      return { ok: false, why: 'denied', message };
    default:
      return { ok: false, why: 'refused', message };
  }
}
