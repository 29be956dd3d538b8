import { KeyholdError } from '../../contract/errors.ts';
import { Turns } from '../turns.ts';
import { openPanic, type PanicRun } from './run.ts';

const NAME = 'panic';

/** A run as whoever has begun it has it. */
export interface OwnRun extends PanicRun {
  over: boolean;
  superseded: boolean;
}

/** What is told AWS of an unlocked vault's panic: one run at a time, for each goes by what the one before has written. */
export class PanicTurns {
  readonly #undoing = new Set<OwnRun>();
  readonly #turns = new Turns();

  /** Throws `Cancelled` where a new panic came first, or this one has ended. */
  take<T>(run: OwnRun, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(NAME, async () => {
      assertWanted(run);
      if (openPanic(run.session.things)?.id !== run.id)
        throw new KeyholdError('Cancelled', 'The panic was taken back or put away meanwhile.');
      const result = await work();
      assertWanted(run);
      return result;
    });
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
  idle(): Promise<void> {
    return this.#turns.idle(NAME);
  }
}

function assertWanted({ superseded }: PanicRun): void {
  if (superseded) throw new KeyholdError('Cancelled', 'A new panic was begun meanwhile. See “keyhold panic status”.');
}
