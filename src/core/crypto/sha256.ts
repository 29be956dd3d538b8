import { createHash, hash } from 'node:crypto';

/** SHA-256 over the parts in order. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [whole, ...more] = parts;
  // One call, where there is nothing to put together: half the time for what is as short as a log entry.
  if (whole !== undefined && more.length === 0) return owned(hash('sha256', whole, 'buffer'));
  const running = createHash('sha256');
  for (const part of parts) running.update(part);
  return owned(running.digest());
}

function owned(digest: Uint8Array): Uint8Array {
  return new Uint8Array(digest);
}
