import { KeyholdError } from '../../contract/errors.ts';
import type { DaemonEvent } from '../../contract/events.ts';
import type { MfaPrompt } from '../../contract/schemas.ts';
import type { Clock, Random } from '../ports.ts';
import { instant } from '../views.ts';

export type Purpose = MfaPrompt['purpose'];

/** A device as a prompt names it. */
export interface Named {
  id: string;
  name: string;
}

/** Something that is done with security keys for one call. */
export interface KeyUse {
  readonly purpose: Purpose;
  /** Aborts when the person, or the caller by ending its connection, gives it up. */
  readonly signal: AbortSignal;
  /** Says what the person has to do now; the time for it begins anew. */
  ask(ask: MfaPrompt['ask'], devices: readonly Named[], message: string): void;
  /** Nothing has to be done at the moment. */
  asked(): void;
  /** Rejects with `Cancelled` once it was given up, with `TouchTimeout` when the time of the present prompt is over. */
  orGivenUp<T>(work: Promise<T>): Promise<T>;
}

export interface PromptsParts {
  clock: Clock;
  random: Random;
  emit(event: DaemonEvent): void;
}

/** What the person has for one thing. A security key itself waits for some 30 s. */
const PATIENCE_MS = 60_000;

interface Running {
  id: string;
  prompt: MfaPrompt | null;
  controller: AbortController;
  timer: { cancel(): void } | undefined;
}

/** Who is being asked for what: shown by whichever front ends there are, and given up from any of them. */
export class Prompts {
  readonly #parts: PromptsParts;
  readonly #running = new Set<Running>();

  constructor(parts: PromptsParts) {
    this.#parts = parts;
  }

  list(): MfaPrompt[] {
    return [...this.#running].flatMap(({ prompt }) => prompt ?? []);
  }

  /** Gives up one, or all. Answers how many there were. */
  cancel(id?: string): number {
    const chosen = [...this.#running].filter((one) => id === undefined || one.id === id);
    for (const { controller } of chosen) controller.abort(givenUp());
    return chosen.length;
  }

  /** Runs what needs security keys; whatever becomes of it, its prompt is gone afterwards. Each prompt has its own time, all of them together `withinMs`. */
  async run<T>(
    purpose: Purpose,
    connection: AbortSignal | undefined,
    work: (use: KeyUse) => Promise<T>,
    withinMs = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    const { clock, random } = this.#parts;
    const end = clock.now() + withinMs;
    const running: Running = {
      id: Buffer.from(random.bytes(8)).toString('hex'),
      prompt: null,
      controller: new AbortController(),
      timer: undefined,
    };
    const { signal } = running.controller;
    const onEnd = (): void => running.controller.abort(givenUp());
    if (connection?.aborted === true) throw givenUp();
    connection?.addEventListener('abort', onEnd, { once: true });
    this.#running.add(running);
    const close = (): void => {
      running.timer?.cancel();
      if (running.prompt === null) return;
      running.prompt = null;
      this.#parts.emit({ type: 'mfa.promptDone', id: running.id });
    };
    try {
      return await work({
        purpose,
        signal,
        ask: (ask, devices, message) => {
          running.timer?.cancel();
          const now = clock.now();
          const left = Math.max(0, Math.min(PATIENCE_MS, end - now));
          running.prompt = {
            ...{ id: running.id, ask, purpose, message },
            devices: devices.map(({ id, name }) => ({ id, name })),
            since: instant(now),
            until: instant(now + left),
          };
          running.timer = clock.setTimer(left, () => running.controller.abort(tooLate()));
          this.#parts.emit({ type: 'mfa.prompt', prompt: running.prompt });
        },
        asked: close,
        orGivenUp: (promise) => orAborted(promise, signal),
      });
    } catch (error) {
      // What a device answers to being cancelled is no news to who has cancelled it.
      throw signal.aborted ? reasonOf(signal) : error;
    } finally {
      connection?.removeEventListener('abort', onEnd);
      this.#running.delete(running);
      close();
    }
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(reasonOf(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function reasonOf(signal: AbortSignal): unknown {
  return signal.reason instanceof KeyholdError ? signal.reason : givenUp();
}

function givenUp(): KeyholdError {
  return new KeyholdError('Cancelled', 'It was given up. Nothing was changed; start again when you like.');
}

function tooLate(): KeyholdError {
  return new KeyholdError('TouchTimeout', 'The security key was not touched in time. Try again and touch it.');
}
