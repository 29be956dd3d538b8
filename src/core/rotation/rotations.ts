import type { CallContext } from '../api/handler.ts';
import type { Core } from '../core.ts';
import type { Session } from '../session.ts';
import { adapterOf } from './adapters/adapters.ts';
import { OwnCalls } from './own-calls.ts';
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

  /** Goes on with all that need nobody: what was interrupted, what is to be tried again, quarantines that are due. */
  async wake(): Promise<void> {
    const core = this.#core();
    const session = core.lifecycle.openedSession();
    if (session === null) return;
    const things = await session.need('rotation');
    const at = core.ports.clock.now();
    const due = things.all('rotation').filter(({ value }) => isDue(value, at));
    if (due.length === 0) return;
    await session.need('accessKey', 'account', 'profile', 'otpDevice', 'credential');
    await Promise.all(due.map(({ id }) => this.go({ core, actor: 'daemon' }, id)));
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
