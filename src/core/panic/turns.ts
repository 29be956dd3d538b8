import { KeyholdError } from '../../contract/errors.ts';
import { openPanic, type PanicRun } from './run.ts';

/** A run as whoever has begun it has it. */
export interface OwnRun extends PanicRun {
  over: boolean;
  superseded: boolean;
}

/** What is told AWS of an unlocked vault's panic: one run at a time, for each goes by what the one before has written. */
export class PanicTurns {
  readonly #undoing = new Set<OwnRun>();
  #tail: Promise<unknown> = Promise.resolve();

  /** Throws `Cancelled` where a new panic came first, or this one has ended. */
  take<T>(run: OwnRun, work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(async () => {
      assertWanted(run);
      if (openPanic(run.session.things)?.id !== run.id)
        throw new KeyholdError('Cancelled', 'The panic was taken back or put away meanwhile.');
      const result = await work();
      assertWanted(run);
      return result;
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /** As `take`, until a new panic is begun. */
  takeToUndo<T>(run: OwnRun, work: () => Promise<T>): Promise<T> {
    this.#undoing.add(run);
    return this.take(run, work).finally(() => this.#undoing.delete(run));
  }

  /** Whatever takes a panic back ends after the call that it is in, and writes nothing any more. */
  endUndoing(): void {
    for (const run of this.#undoing) {
      run.over = true;
      run.superseded = true;
    }
  }

  /** Resolves when nobody waits for a turn. */
  async idle(): Promise<void> {
    for (let before: unknown; before !== this.#tail; ) {
      before = this.#tail;
      await before;
    }
  }
}

function assertWanted({ superseded }: PanicRun): void {
  if (superseded) throw new KeyholdError('Cancelled', 'A new panic was begun meanwhile. See “keyhold panic status”.');
}
