import type { Clock } from '../../src/core/ports.ts';

export interface FakeClock extends Clock {
  /** Moves both clocks and runs what falls due, in order of time. */
  advance(milliseconds: number): void;
  /** Moves only the wall clock, as a suspended machine or a correction of the time does; no timer runs. */
  jump(milliseconds: number): void;
  pending(): number;
}

export function createFakeClock(start = Date.UTC(2026, 10, 23, 12)): FakeClock {
  let wall = start;
  let monotonic = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => wall,
    monotonic: () => monotonic,
    setTimer(milliseconds, run) {
      const timer = { at: monotonic + milliseconds, run };
      timers.push(timer);
      return {
        cancel() {
          timers = timers.filter((one) => one !== timer);
        },
      };
    },
    advance(milliseconds) {
      const until = monotonic + milliseconds;
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((one) => one !== next);
        wall += Math.max(0, next.at - monotonic);
        monotonic = Math.max(monotonic, next.at);
        next.run();
      }
      wall += until - monotonic;
      monotonic = until;
    },
    jump(milliseconds) {
      wall += milliseconds;
    },
    pending: () => timers.length,
  };
}
