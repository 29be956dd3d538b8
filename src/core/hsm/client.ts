import { KeyholdError } from '../../contract/errors.ts';
import type { HsmChannel } from '../ports.ts';
import type { Hsm, HsmInput, HsmOperation, HsmOutput, HsmRequestFrame, SealedBlob } from './protocol.ts';

export interface HsmClientOptions {
  /** Loads an object's blob when the HSM asks for one that the call did not carry. Rejects when there is no such object. */
  loadBlob?: (id: string, version: number) => Promise<SealedBlob> | SealedBlob;
}

export interface HsmExit {
  code: number | null;
  signal: string | null;
  /** True after `kill()`: the vault was locked on purpose. */
  expected: boolean;
}

export interface HsmClient extends Hsm {
  /** Ends the process. Calls in flight are rejected with `Locked`. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Called once when the process has ended; at once if it already has. */
  onExit(listener: (exit: HsmExit) => void): void;
  readonly pid: number | undefined;
}

interface Pending {
  frame: HsmRequestFrame;
  /** The reference in the input, with the blob that the first send left out. */
  ref: { id: string; version: number; blob: SealedBlob | undefined } | null;
  blobSent: boolean;
  resolve: (output: unknown) => void;
  reject: (error: KeyholdError) => void;
}

/**
 * The daemon's side of the channel: gives each call a frame, sends the frames of one microtask together, answers `unknownObject` with the
 * blob, and rejects whatever is pending when the process ends (`HsmCrashed`, or `Locked` after `kill()`).
 */
export function createHsmClient(channel: HsmChannel, options: HsmClientOptions = {}): HsmClient {
  const pending = new Map<number, Pending>();
  const exitListeners: ((exit: HsmExit) => void)[] = [];
  let outbox: HsmRequestFrame[] = [];
  let lastId = 0;
  let killed = false;
  let exit: HsmExit | null = null;

  function flush(): void {
    const frames = outbox;
    outbox = [];
    if (exit !== null || killed || frames.length === 0) return;
    try {
      channel.send(frames);
    } catch {
      // The channel closed under us; its exit event rejects every call, these too.
      void channel.kill();
    }
  }

  function post(frame: HsmRequestFrame): void {
    if (outbox.length === 0) queueMicrotask(flush);
    outbox.push(frame);
  }

  function ended(): KeyholdError {
    return killed
      ? new KeyholdError('Locked', 'The vault is locked. Unlock it and try again.')
      : new KeyholdError(
          'HsmCrashed',
          'The vault process ended unexpectedly, so the vault is locked. Unlock it again.',
        );
  }

  function rejectAll(): void {
    const calls = [...pending.values()];
    pending.clear();
    outbox = [];
    for (const call of calls) call.reject(ended());
  }

  async function sendBlob(call: Pending, id: string): Promise<void> {
    const { ref, frame } = call;
    try {
      if (ref === null || ref.id !== id || call.blobSent) {
        throw new KeyholdError(
          'Internal',
          'The vault process asked for a key it was given. Lock and unlock the vault.',
        );
      }
      call.blobSent = true;
      const blob = ref.blob ?? (await options.loadBlob?.(ref.id, ref.version));
      if (blob === undefined) throw new KeyholdError('NotFound', 'The key is no longer in the vault.');
      if (!pending.has(frame.id)) return;
      post({ ...frame, input: { ...asFields(frame.input), key: { id: ref.id, version: ref.version, blob } } });
    } catch (error) {
      if (!pending.delete(frame.id)) return;
      call.reject(
        error instanceof KeyholdError
          ? error
          : new KeyholdError('Internal', 'The key could not be read from the vault.', undefined, { cause: error }),
      );
    }
  }

  channel.onFrames((frames) => {
    for (const frame of frames) {
      const call = pending.get(frame.id);
      if (call === undefined) continue;
      if ('unknownObject' in frame) {
        void sendBlob(call, frame.unknownObject);
        continue;
      }
      pending.delete(frame.id);
      if ('error' in frame) call.reject(KeyholdError.fromWire(frame.error));
      else call.resolve(frame.output);
    }
  });
  channel.onExit(({ code, signal }) => {
    exit = { code, signal, expected: killed };
    rejectAll();
    for (const listener of exitListeners.splice(0)) listener(exit);
  });

  return {
    call<O extends HsmOperation>(op: O, input: HsmInput<O>): Promise<HsmOutput<O>> {
      if (exit !== null || killed) return Promise.reject(ended());
      return new Promise<HsmOutput<O>>((resolve, reject) => {
        const id = ++lastId;
        const { ref, sent } = withoutBlob(input);
        const frame = { id, op, input: sent };
        // The other end is our own token, whose operation table is typed by the same protocol.
        const answer = (output: unknown): void => resolve(output as HsmOutput<O>);
        pending.set(id, { frame, ref, blobSent: false, resolve: answer, reject });
        post(frame);
      });
    },
    async kill() {
      killed = true;
      rejectAll();
      await channel.kill();
    },
    onExit(listener) {
      if (exit !== null) listener(exit);
      else exitListeners.push(listener);
    },
    get pid() {
      return channel.pid;
    },
  };
}

/** Leaves the blob out of the first send: the HSM usually has the object already. */
function withoutBlob(input: object): { ref: Pending['ref']; sent: object } {
  if (!('key' in input)) return { ref: null, sent: input };
  const { key } = input;
  if (typeof key !== 'object' || key === null || !('id' in key) || !('version' in key))
    return { ref: null, sent: input };
  const { id, version } = key;
  if (typeof id !== 'string' || typeof version !== 'number') return { ref: null, sent: input };
  const blob = 'blob' in key && key.blob instanceof Uint8Array ? key.blob : undefined;
  return { ref: { id, version, blob }, sent: blob === undefined ? input : { ...input, key: { id, version } } };
}

function asFields(input: unknown): object {
  return typeof input === 'object' && input !== null ? input : {};
}
