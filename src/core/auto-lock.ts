import type { Clock } from './ports.ts';

/** A suspended machine stops the monotonic clock and its timers, so the wall clock is looked at this often. */
const TICK_MS = 30_000;

/**
 * Calls `onIdle` once nothing has been touched for the set time. Idle is what either clock says, whichever is more: a wall clock that jumped ahead
 * (the machine slept) counts as idle, one that was set back does not keep the vault open.
 */
export class AutoLock {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  #limitMs = 0;
  #lastWall = 0;
  #lastMonotonic = 0;
  #timer: { cancel(): void } | undefined;

  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  /** Minutes until the lock; 0 = never. */
  start(minutes: number): void {
    this.stop();
    this.#limitMs = minutes * 60_000;
    this.touch();
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#limitMs = 0;
  }

  touch(): void {
    this.#lastWall = this.#clock.now();
    this.#lastMonotonic = this.#clock.monotonic();
  }

  /** ms since epoch; undefined when it never locks by itself. */
  locksAt(): number | undefined {
    return this.#limitMs === 0 ? undefined : this.#clock.now() + Math.max(0, this.#limitMs - this.#idleMs());
  }

  /** True when the time is over though no timer has said so yet: the machine just woke up. */
  overdue(): boolean {
    return this.#limitMs > 0 && this.#idleMs() >= this.#limitMs;
  }

  #idleMs(): number {
    return Math.max(this.#clock.now() - this.#lastWall, this.#clock.monotonic() - this.#lastMonotonic);
  }

  #schedule(): void {
    if (this.#limitMs === 0) return;
    const wait = Math.min(TICK_MS, Math.max(1, this.#limitMs - this.#idleMs()));
    this.#timer = this.#clock.setTimer(wait, () => {
      if (!this.overdue()) return this.#schedule();
      this.stop();
      this.#onIdle();
    });
  }
}
