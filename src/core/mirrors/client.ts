import { KeyholdError } from '../../contract/errors.ts';
import type { Clock, MirrorChannel, SpawnMirror } from '../ports.ts';
import type { MirrorInput, MirrorOperation, MirrorOutput, MirrorRequest } from './protocol.ts';

interface Waiting {
  resolve(output: unknown): void;
  reject(error: unknown): void;
  timer: { cancel(): void };
}

/** Calls to the thread of one mirror. The thread is started with the first call, and again after one that was not answered in time. */
export class MirrorClient {
  readonly #spawn: SpawnMirror;
  readonly #clock: Pick<Clock, 'setTimer'>;
  #channel: MirrorChannel | null = null;
  #waiting = new Map<number, Waiting>();
  #next = 1;

  constructor(spawn: SpawnMirror, clock: Pick<Clock, 'setTimer'>) {
    this.#spawn = spawn;
    this.#clock = clock;
  }

  /**
   * Rejects with the operation's errors, with `Timeout` after `patienceMs` (from then on the thread is not asked again) and with `Unreachable` when the thread has
   * ended.
   */
  call<O extends MirrorOperation>(op: O, input: MirrorInput<O>, patienceMs: number): Promise<MirrorOutput<O>> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const channel = this.#running();
      const timer = this.#clock.setTimer(patienceMs, () => {
        const seconds = Math.ceil(patienceMs / 1000);
        this.#give(new KeyholdError('Timeout', `The disk did not answer within ${seconds} s.`));
      });
      // What the thread answers to `op` is of its type: both sides are this build.
      this.#waiting.set(id, { resolve: resolve as (output: unknown) => void, reject, timer });
      // A pair (operation, its own input) is by construction one member of the union, which the compiler cannot see for a free O.
      channel.send({ id, op, input } as MirrorRequest);
    });
  }

  /** Whether there is a thread that answers. */
  get running(): boolean {
    return this.#channel !== null;
  }

  /** Ends the thread; calls under way reject. */
  end(): void {
    this.#give(new KeyholdError('Unreachable', 'The copy is no longer looked after.'));
  }

  #running(): MirrorChannel {
    if (this.#channel !== null) return this.#channel;
    const channel = this.#spawn();
    this.#channel = channel;
    channel.onAnswer((answer) => {
      const call = this.#channel === channel ? this.#waiting.get(answer.id) : undefined;
      if (call === undefined) return;
      this.#waiting.delete(answer.id);
      call.timer.cancel();
      if ('error' in answer) call.reject(KeyholdError.fromWire(answer.error));
      else call.resolve(answer.output);
    });
    channel.onExit(() => {
      if (this.#channel === channel) this.#give(new KeyholdError('Unreachable', 'The thread of this copy ended.'));
    });
    return channel;
  }

  #give(error: KeyholdError): void {
    const channel = this.#channel;
    const calls = [...this.#waiting.values()];
    this.#channel = null;
    this.#waiting.clear();
    for (const call of calls) {
      call.timer.cancel();
      call.reject(error);
    }
    channel?.end();
  }
}
