import { wipe } from '../crypto/wipe.ts';

const LEAVING = new WeakSet<Uint8Array>();

/** A secret that an answer has in the clear: this process has no use for it any more once the answer has left. */
export function wipedOnceSent(secret: Uint8Array): Uint8Array {
  LEAVING.add(secret);
  return secret;
}

/** Of the values of an answer that has been copied into the channel. */
export function wipeSent(output: unknown): void {
  if (typeof output !== 'object' || output === null) return;
  for (const value of Object.values(output)) if (value instanceof Uint8Array && LEAVING.has(value)) wipe(value);
}
