import type { CallContext } from '../api/handler.ts';
import type { Core } from '../core.ts';
import { openPanic } from '../panic/run.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { adapterOf } from './adapters/adapters.ts';
import { beginScheduled } from './begin-scheduled.ts';
import { OwnCalls } from './own-calls.ts';
import { Reach } from './reach.ts';
import type { RotationRecord } from './record.ts';
import type { Turn } from './run.ts';
import { advance } from './saga.ts';

interface Going {
  done: Promise<void>;
  turn: Turn;
}

/** The rotations that are under way while the vault is unlocked: each runs once at a time. */
export class Rotations {
  readonly ownCalls = new OwnCalls();
  readonly reach = new Reach();
  #waking: Promise<void> | undefined;
  #wakeAgain = false;
  readonly #core: () => Core;
  readonly #running = new WeakMap<Session, Map<string, Going>>();
  /** Records whose direction is being changed: nothing goes on with them meanwhile. */
  readonly #turning = new Set<string>();

  constructor(core: () => Core) {
    this.#core = core;
  }

  /** Goes on with one, on behalf of whoever calls. Resolves when it has ended or waits; never rejects. */
  go(call: CallContext, id: string): Promise<void> {
    const { core } = call;
    const session = core.session();
    const running = this.#runningIn(session);
    const before = running.get(id);
    if (before !== undefined) return before.done;
    if (this.#turning.has(id)) return Promise.resolve();
    const turn: Turn = { wanted: false };
    const adapter = adapterOf(session.things.must('rotation', id));
    const run = { call, session, iam: core.shell.awsIam, adapter, ownCalls: this.ownCalls, id, turn };
    const done = advance(run).finally(() => running.delete(id));
    running.set(id, { done, turn });
    return done;
  }

  /** Resolves when it has ended or waits. */
  async settled(session: Session, id: string): Promise<void> {
    await this.#runningIn(session).get(id)?.done;
  }

  /** Stops one that is under way, after what it is in the middle of, and keeps it stopped until `write` has said where it goes from there. */
  async turn<T>(session: Session, id: string, write: () => Promise<T>): Promise<T> {
    this.#turning.add(id);
    try {
      const going = this.#runningIn(session).get(id);
      if (going !== undefined) {
        going.turn.wanted = true;
        going.turn.wake?.();
        await going.done;
      }
      return await write();
    } finally {
      this.#turning.delete(id);
    }
  }

  /** Stops all that are under way, after what each is in the middle of. They go on when they are woken. */
  async rest(session: Session): Promise<void> {
    const going = [...this.#runningIn(session).values()];
    for (const { turn } of going) {
      turn.wanted = true;
      turn.wake?.();
    }
    await Promise.all(going.map(({ done }) => done));
  }

  /** Goes on with all that need nobody: what was interrupted, what is to be tried again, quarantines that are due. */
  wake(): Promise<void> {
    if (this.#waking === undefined) {
      this.#waking = this.#wakeUntilDone().finally(() => {
        this.#waking = undefined;
      });
    } else this.#wakeAgain = true;
    return this.#waking;
  }

  /** Two at once would each find an account idle, and begin with another key of it. */
  async #wakeUntilDone(): Promise<void> {
    do {
      this.#wakeAgain = false;
      await this.#wakeOnce();
    } while (this.#wakeAgain);
  }

  async #wakeOnce(): Promise<void> {
    const core = this.#core();
    const session = core.lifecycle.openedSession();
    if (session === null) return;
    const things = await session.need('rotation', 'panic');
    // Whatever a panic has stopped stays so until somebody has said how it goes on.
    if (openPanic(things) !== undefined) return;
    await session.need('accessKey', 'account', 'profile', 'otpDevice', 'credential');
    await beginScheduled(core, session, this.reach);
    const at = core.ports.clock.now();
    const due = things.all('rotation').filter(({ value }) => isDue(value, at));
    await this.goOneByOne({ core, actor: 'daemon' }, due);
  }

  /** One at a time in each account, which has one user's two keys to itself then. Resolves when all have ended or wait; never rejects. */
  async goOneByOne(call: CallContext, found: readonly Found<'rotation'>[]): Promise<void> {
    const { core } = call;
    const session = core.session();
    const known = openPanic(session.things)?.value.cutoff;
    // It stops the one that is under way, and the next one is not begun. Who begins some although one is open has seen that it is.
    const isPanicNew = (): boolean => ![undefined, known].includes(openPanic(session.things)?.value.cutoff);
    const byAccount = Map.groupBy(found, ({ value }) => value.account);
    await Promise.all(
      [...byAccount.values()].map(async (ofAccount) => {
        for (const { id } of ofAccount) {
          if (session.closed || isPanicNew()) return;
          // It may have ended, or wait for somebody, since it was found to be due.
          const value = session.things.get('rotation', id);
          if (value === undefined || !isDue(value, core.ports.clock.now())) continue;
          if (await this.#isOutOfReach(core, session, value)) continue;
          await this.go(call, id);
        }
      }),
    );
  }

  /** What has not begun is not tried step by step while its AWS cannot be reached: one cheap call for all of an account tells. */
  async #isOutOfReach(core: Core, session: Session, { step, halt, key }: RotationRecord): Promise<boolean> {
    if (step !== 'preflight' || halt?.why !== 'network') return false;
    const value = session.things.get('accessKey', key);
    return value?.status === 'active' && !(await this.reach.isThere(core, session, { id: key, value }));
  }

  #runningIn(session: Session): Map<string, Going> {
    const known = this.#running.get(session);
    if (known !== undefined) return known;
    const running = new Map<string, Going>();
    this.#running.set(session, running);
    return running;
  }
}

function isDue({ outcome, halt, step, lookAt }: RotationRecord, at: number): boolean {
  if (outcome !== undefined) return false;
  if (halt !== undefined) return halt.retryAt !== undefined && halt.retryAt <= at;
  return step !== 'watch' || (lookAt ?? 0) <= at;
}
