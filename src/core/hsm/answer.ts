import { toWireError } from '../../contract/errors.ts';
import type { HsmResponseFrame } from './protocol.ts';
import { UnknownObject } from './unknown-object.ts';

/** What answers operations: the HSM's token, or a token process's module. */
export interface Answering {
  /** Rejects with a KeyholdError, or with UnknownObject; anything else is a defect and is answered as `Internal`. */
  handle(op: unknown, input: unknown): Promise<unknown>;
}

/** Answers one request frame; never rejects. Null for something that is not a frame and so cannot be answered. */
export async function answer(token: Answering, frame: unknown): Promise<HsmResponseFrame | null> {
  if (typeof frame !== 'object' || frame === null || !('id' in frame)) return null;
  const { id } = frame;
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return null;
  try {
    const op = 'op' in frame ? frame.op : undefined;
    const input = 'input' in frame ? frame.input : undefined;
    return { id, output: ownBuffers(await token.handle(op, input)) };
  } catch (error) {
    return error instanceof UnknownObject ? { id, unknownObject: error.id } : { id, error: toWireError(error) };
  }
}

/**
 * Gives every byte array of an answer a buffer of its own. A view into a shared pool would take the pool's other contents along when
 * the answer is cloned to another process.
 */
function ownBuffers(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return value.byteLength === value.buffer.byteLength && !Buffer.isBuffer(value) ? value : new Uint8Array(value);
  }
  if (typeof value !== 'object' || value === null) return value;
  // Most answers need no copy, and a commit's has hundreds of parts.
  const changed: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const own = ownBuffers(item);
    if (own !== item) changed.push([key, own]);
  }
  if (changed.length === 0) return value;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  return Object.assign(copy, Object.fromEntries(changed));
}
