import type { Core } from '../core.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { isFault } from './faults.ts';
import { regionOf } from './region-of.ts';

/** Minutes until an account whose AWS cannot be reached is tried again; the last one from then on. */
const RETRY_MINUTES: readonly number[] = [1, 2, 5, 10, 15];

/** Whether AWS can be reached, found out with one cheap call an account and not again for a while where it cannot. */
export class Reach {
  readonly #misses = new Map<string, { tries: number; retryAt: number }>();

  /** By `GetCallerIdentity` with the key: what AWS answers does not matter, only that it does. `anyway`: also where it was tried just now. */
  async isThere(core: Core, session: Session, { id, value }: Found<'accessKey'>, anyway = false): Promise<boolean> {
    const at = core.ports.clock.now();
    const missed = this.#misses.get(value.account);
    if (missed !== undefined && missed.retryAt > at && !anyway) return false;
    core.rotations.ownCalls.note(value.accessKeyId, at);
    try {
      await core.shell.awsIam.whoAmI({
        session,
        account: session.things.must('account', value.account),
        region: regionOf(session, id),
        accessKeyId: value.accessKeyId,
        secret: session.objectRef(value.secret.id),
      });
    } catch (error) {
      if (isFault(error, 'network', 'server', 'slow')) {
        const tries = missed?.tries ?? 0;
        const minutes = RETRY_MINUTES[Math.min(tries, RETRY_MINUTES.length - 1)] ?? 1;
        this.#misses.set(value.account, { tries: tries + 1, retryAt: at + minutes * 60_000 });
        return false;
      }
    }
    this.#misses.delete(value.account);
    return true;
  }
}
