import { KeyholdError } from '../../contract/errors.ts';
import type { TokenInput, TokenOperation, TokenOutput, TokenRequestFrame } from '../hsm/pkcs11/protocol.ts';
import type { Clock, TokenChannel } from '../ports.ts';

/** The daemon's side of one token process. */
export interface TokenClient {
  /**
   * Sends one call as soon as fewer than `lanes` are under way. When it is not answered within `milliseconds` from there it is rejected with `Timeout` and the process is ended: a module that
   * hangs cannot be asked to stop. Whatever else was waiting then is rejected with `TokenUnavailable`, as it is when the process ends by itself.
   */
  call<O extends TokenOperation>(op: O, input: TokenInput<O>, milliseconds: number): Promise<TokenOutput<O>>;
  setLanes(lanes: number): void;
  /** Ends the process; everything waiting is rejected with `error`. Resolves when it is gone. */
  kill(error: KeyholdError): Promise<void>;
  /** Called once when the process has ended, with what its calls were told. */
  onEnd(listener: (error: KeyholdError) => void): void;
  /** It takes no more calls. */
  readonly ended: boolean;
  readonly pid: number | undefined;
}

interface Call {
  frame: TokenRequestFrame;
  milliseconds: number;
  timer: { cancel(): void } | undefined;
  resolve: (output: unknown) => void;
  reject: (error: KeyholdError) => void;
}

const MOST_WAITING = 1_000;
/** Longer than any deadline of a call that others could be waiting for. */
const LONGEST_WAIT_MS = 180_000;

export function createTokenClient(channel: TokenChannel, clock: Clock): TokenClient {
  const sent = new Map<number, Call>();
  let waiting: Call[] = [];
  let lanes = 1;
  let lastId = 0;
  let ended: KeyholdError | undefined;
  let told = false;
  const listeners: ((error: KeyholdError) => void)[] = [];

  function end(error: KeyholdError): void {
    if (ended !== undefined) return;
    ended = error;
    const calls = [...sent.values(), ...waiting];
    sent.clear();
    waiting = [];
    for (const call of calls) {
      call.timer?.cancel();
      call.reject(error);
    }
  }

  function late(call: Call): void {
    sent.delete(call.frame.id);
    const seconds = Math.round(call.milliseconds / 1000);
    call.reject(
      new KeyholdError(
        'Timeout',
        `The token did not answer within ${seconds} s (${call.frame.op}), so the process that talks to it was ended. Try again.`,
        { operation: call.frame.op },
      ),
    );
    end(unavailable('The process that talks to the token was ended because the token no longer answered. Try again.'));
    void channel.kill();
  }

  function next(): void {
    while (ended === undefined && sent.size < lanes) {
      const call = waiting.shift();
      if (call === undefined) return;
      call.timer?.cancel();
      call.timer = clock.setTimer(call.milliseconds, () => late(call));
      sent.set(call.frame.id, call);
      try {
        channel.send([call.frame]);
      } catch {
        // The channel closed under us; its exit event rejects every call, this one too.
        void channel.kill();
      }
    }
  }

  function tooLong(call: Call): void {
    waiting = waiting.filter((one) => one !== call);
    call.reject(new KeyholdError('Timeout', 'The token is busy and did not get to this call. Try again.'));
  }

  channel.onFrames((frames) => {
    for (const frame of frames) {
      const call = sent.get(frame.id);
      if (call === undefined) continue;
      sent.delete(frame.id);
      call.timer?.cancel();
      if ('error' in frame) call.reject(KeyholdError.fromWire(frame.error));
      else call.resolve(frame.output);
    }
    next();
  });
  channel.onExit(({ code, signal }) => {
    const how = signal ?? `status ${code ?? 'unknown'}`;
    end(unavailable(`The process that talks to the token ended unexpectedly (${how}). Try again.`));
    told = true;
    for (const listener of listeners.splice(0)) listener(ended ?? unavailable('It has ended.'));
  });

  return {
    call<O extends TokenOperation>(op: O, input: TokenInput<O>, milliseconds: number): Promise<TokenOutput<O>> {
      if (ended !== undefined) return Promise.reject(ended);
      if (waiting.length >= MOST_WAITING) {
        return Promise.reject(unavailable('Too many calls wait for this token already. Try again later.'));
      }
      return new Promise<TokenOutput<O>>((resolve, reject) => {
        // The other end is our own program, whose operation table is typed by the same protocol.
        const answer = (output: unknown): void => resolve(output as TokenOutput<O>);
        const call: Call = {
          frame: { id: ++lastId, op, input },
          milliseconds,
          timer: undefined,
          resolve: answer,
          reject,
        };
        call.timer = clock.setTimer(LONGEST_WAIT_MS, () => tooLong(call));
        waiting.push(call);
        next();
      });
    },
    setLanes(count) {
      lanes = count;
      next();
    },
    async kill(error) {
      end(error);
      await channel.kill();
    },
    onEnd(listener) {
      if (told && ended !== undefined) listener(ended);
      else listeners.push(listener);
    },
    get ended() {
      return ended !== undefined;
    },
    get pid() {
      return channel.pid;
    },
  };
}

export function unavailable(message: string, details?: Record<string, unknown>): KeyholdError {
  return new KeyholdError('TokenUnavailable', message, details);
}
