import type { IncomingMessage } from 'node:http';
import { KeyholdError } from '../contract/errors.ts';

export const MAX_BODY_BYTES = 1024 * 1024;

/** A request's JSON body. Throws `InvalidInput` for another content type, more than 1 MiB, or what does not parse. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  // Not a type that an HTML form can send.
  if (type !== 'application/json') throw new KeyholdError('InvalidInput', 'The body must be application/json.');
  const parts: Buffer[] = [];
  let size = 0;
  // Kept open on failure, so that the refusal can still be answered.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!(part instanceof Buffer)) continue;
    size += part.length;
    if (size > MAX_BODY_BYTES)
      throw new KeyholdError('InvalidInput', `The body has more than ${MAX_BODY_BYTES} bytes.`);
    parts.push(part);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)));
  } catch (cause) {
    throw new KeyholdError('InvalidInput', 'The body is not JSON.', undefined, { cause });
  }
}
