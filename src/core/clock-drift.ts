import type { Clock } from './ports.ts';

/** Codes of the wrong time step are refused; most servers take one step to either side. */
const WARN_SECONDS = 15;
/** Clocks are set and drift: what was seen longer ago says nothing. */
const FRESH_MS = 6 * 3_600_000;

export interface Drift {
  /** Positive: this computer's clock is behind. */
  seconds: number;
  warning?: string;
}

/** This computer's clock against the Date that AWS's servers put on their answers. */
export class ClockDrift {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  #seen: { offsetMs: number; at: number } | null = null;

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#clock = clock;
  }

  /** `date` as HTTP has it (whole seconds), of an answer that has just come in. */
  note(date: string | undefined): void {
    const theirs = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(theirs)) return;
    // The second had half passed, on average.
    this.#seen = { offsetMs: theirs + 500 - this.#clock.now(), at: this.#clock.monotonic() };
  }

  /** Null while nothing has been seen lately. */
  read(): Drift | null {
    const seen = this.#seen;
    if (seen === null || this.#clock.monotonic() - seen.at > FRESH_MS) return null;
    const seconds = Math.round(seen.offsetMs / 1000);
    if (Math.abs(seconds) <= WARN_SECONDS) return { seconds };
    const which = seconds > 0 ? 'behind' : 'ahead of';
    return {
      seconds,
      warning: `This computer’s clock is ${Math.abs(seconds)} s ${which} AWS’s, so codes may be refused. Set it by the network.`,
    };
  }
}
