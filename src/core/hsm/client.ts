import { KeyholdError } from '../../contract/errors.ts';
import type { HsmChannel } from '../ports.ts';
import { isOpen } from './gates/open-operations.ts';
import { PendingCalls } from './pending-calls.ts';
import type { Hsm, HsmInput, HsmOperation, HsmOutput, HsmRequestFrame, ObjectRef, SealedBlob } from './protocol.ts';
import { NESTED_FIELDS, REFERENCE_FIELDS, referencesIn } from './references.ts';

export interface HsmClientOptions {
  /** Loads an object as it is now, when the HSM asks for one whose blob the call did not carry. Rejects when there is no such object. */
  loadBlob?: (id: string) => Promise<VersionedBlob> | VersionedBlob;
  /** Hears that the HSM has found the vault changed from outside; it answers nothing else from then on. */
  onTampered?: (error: KeyholdError) => void;
}

/** A blob opens under its own version and no other: one without the other would look like a vault that was tampered with. */
export type VersionedBlob = Required<Pick<ObjectRef, 'version' | 'blob'>>;

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

interface KeyRef {
  id: string;
  version: number;
  blob: SealedBlob | undefined;
}

interface Pending {
  frame: HsmRequestFrame;
  /** The references in the input, with the blobs that the first send left out. */
  refs: readonly KeyRef[];
  /** What the HSM asked for and was sent, by id: mostly nothing. */
  sentBlobs?: Map<string, VersionedBlob>;
  resolve: (output: unknown) => void;
  reject: (error: KeyholdError) => void;
}

/**
 * The daemon's side of the channel: gives each call a frame, sends the frames of one turn of the event loop together, answers `unknownObject` with the
 * blob, and rejects whatever is pending when the process ends (`HsmCrashed`, or `Locked` after `kill()`).
 */
export function createHsmClient(channel: HsmChannel, options: HsmClientOptions = {}): HsmClient {
  const pending = new PendingCalls<Pending>();
  const exitListeners: ((exit: HsmExit) => void)[] = [];
  let outbox: HsmRequestFrame[] = [];
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
    // Not a microtask: calls of all requests that one turn of the event loop has brought leave as one message.
    if (outbox.length === 0) setImmediate(flush);
    outbox.push(frame);
    // A process that has nothing to do begins at once, and works while this one reads the other requests.
    if (pending.size === 1) flush();
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
    outbox = [];
    for (const call of pending.takeAll()) call.reject(ended());
  }

  /**
   * What the reference stands for. A commit may have replaced the object since the call began; the operation then has it as it is now, as if it had been called a moment
   * later, and with the policy of now.
   */
  async function blobOf({ id, version, blob }: KeyRef): Promise<VersionedBlob> {
    if (blob !== undefined) return { version, blob };
    const loaded = await options.loadBlob?.(id);
    if (loaded === undefined) throw new KeyholdError('NotFound', 'The key is no longer in the vault.');
    if (loaded.version >= version) return { version: loaded.version, blob: loaded.blob };
    throw new KeyholdError('HsmRefused', 'This key was changed in the meantime. Try again.');
  }

  async function sendBlob(call: Pending, id: string): Promise<void> {
    const { refs, frame } = call;
    try {
      call.sentBlobs ??= new Map();
      const { sentBlobs } = call;
      const ref = refs.find((one) => one.id === id);
      if (ref === undefined || sentBlobs.has(id)) {
        throw new KeyholdError(
          'Internal',
          'The vault process asked for a key it was given. Lock and unlock the vault.',
        );
      }
      const loaded = await blobOf(ref);
      if (pending.get(frame.id) !== call) return;
      sentBlobs.set(id, loaded);
      post({ ...frame, input: mapRefs(frame.input, ({ id, version }) => ({ id, version, ...sentBlobs.get(id) })) });
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
      if ('error' in frame) {
        const error = KeyholdError.fromWire(frame.error);
        call.reject(error);
        if (error.code === 'VaultTampered') options.onTampered?.(error);
      } else call.resolve(frame.output);
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
        const refs: KeyRef[] = [];
        const sent = mapRefs(input, (ref) => {
          refs.push(ref);
          return { id: ref.id, version: ref.version };
        });
        // The other end is our own token, whose operation table is typed by the same protocol.
        const answer = (output: unknown): void => resolve(output as HsmOutput<O>);
        const call = pending.add((id) => ({ frame: { id, op, input: sent }, refs, resolve: answer, reject }));
        post(call.frame);
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

/** Ids of the objects whose secret an operation uses: those that a gate may be before. */
export function usedObjects(op: HsmOperation, input: unknown): string[] {
  return isOpen(op) ? [] : referencesIn(input).map(({ id }) => id);
}

/** The input with every reference to an object replaced; the first send leaves out the blobs, because the HSM usually has the objects. */
function mapRefs(input: unknown, change: (ref: KeyRef) => ObjectRef): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const changed: Record<string, unknown> = { ...input };
  for (const field of REFERENCE_FIELDS) {
    const ref = field in changed ? refOf(changed[field]) : null;
    if (ref !== null) changed[field] = change(ref);
  }
  for (const field of NESTED_FIELDS) if (field in changed) changed[field] = mapRefs(changed[field], change);
  return changed;
}

function refOf(value: unknown): KeyRef | null {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('version' in value)) return null;
  const { id, version } = value;
  if (typeof id !== 'string' || typeof version !== 'number') return null;
  return { id, version, blob: 'blob' in value && value.blob instanceof Uint8Array ? value.blob : undefined };
}
