import type { AuditEvent } from '../../contract/schemas.ts';
import type { Clock } from '../ports.ts';

/** Refusals of one kind that are written one by one within a window. */
export const SINGLY = 20;
export const WINDOW_MS = 60_000;

interface Window {
  timer: { cancel(): void };
  /** How many more are written one by one. */
  left: number;
  seen: number;
  /** What is only counted: how many, since when, and the last of them. */
  counted: { count: number; since: string; last: AuditEvent } | null;
}

export interface RefusalWindowsPorts {
  clock: Pick<Clock, 'now' | 'setTimer'>;
  /** A new id for an entry. */
  newId(): string;
  write(event: AuditEvent): void;
}

/**
 * Keeps whoever can reach the door without a key from filling the vault file: of the refusals of one kind, the first 20 in a minute are
 * written one by one, and the rest as one entry that says how many they were, when the minute is over. While a flood goes on, each
 * further minute is one such entry. Every request is accounted for: the sum of `count` (1 where it is missing) over the log is their number.
 *
 * A kind is made of words of ours and ids in the vault, never of what a request brings along, so that there are few of them.
 */
export class RefusalWindows {
  readonly #ports: RefusalWindowsPorts;
  readonly #windows = new Map<string, Window>();

  constructor(ports: RefusalWindowsPorts) {
    this.#ports = ports;
  }

  record(kind: string, event: AuditEvent): void {
    const window = this.#windows.get(kind) ?? this.#open(kind, SINGLY);
    window.seen++;
    if (window.left > 0) {
      window.left--;
      this.#ports.write(event);
      return;
    }
    const { count, since } = window.counted ?? { count: 0, since: event.time };
    window.counted = { count: count + 1, since, last: event };
  }

  /** Writes what has been counted so far and begins anew: before the vault is locked or closed. */
  settle(): void {
    for (const kind of [...this.#windows.keys()]) this.#close(kind);
  }

  #open(kind: string, left: number): Window {
    const timer = this.#ports.clock.setTimer(WINDOW_MS, () => {
      const window = this.#close(kind);
      // The flood may go on; its next minute is counted from the beginning.
      if (window !== undefined && window.seen > SINGLY) this.#open(kind, 0);
    });
    const window: Window = { timer, left, seen: 0, counted: null };
    this.#windows.set(kind, window);
    return window;
  }

  #close(kind: string): Window | undefined {
    const window = this.#windows.get(kind);
    window?.timer.cancel();
    this.#windows.delete(kind);
    if (window?.counted != null) this.#ports.write(this.#summary(window.counted));
    return window;
  }

  #summary({ count, since, last }: NonNullable<Window['counted']>): AuditEvent {
    if (count === 1) return last;
    const { kind, actor, decision, client, clientKeyId, profile, account } = last;
    return {
      id: this.#ports.newId(),
      time: new Date(this.#ports.clock.now()).toISOString(),
      kind,
      actor,
      decision,
      action: 'refused',
      reason: `${count} requests from ${since} to ${last.time}, counted and not listed one by one; the last: ${last.reason ?? 'no reason'}`,
      count,
      // The same for all of them, if the key they named is known.
      ...(client === undefined
        ? {}
        : {
            client,
            ...(clientKeyId === undefined ? {} : { clientKeyId }),
            ...(profile === undefined ? {} : { profile }),
            ...(account === undefined ? {} : { account }),
          }),
    };
  }
}
