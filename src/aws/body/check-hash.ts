import { createHash } from 'node:crypto';
import { AwsError } from '../protocol/aws-error.ts';

/**
 * Passes a body on while hashing it, and ends well only if it has the hash its signature covers (for use under `oneBehind`).
 * @throws AwsError `BodyHashMismatch`
 */
export async function* checkHash(chunks: AsyncIterable<Buffer>, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256) throw hashMismatch();
}

export function hashMismatch(): AwsError {
  return new AwsError(
    'BodyHashMismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}
