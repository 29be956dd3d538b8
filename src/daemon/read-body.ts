import type { IncomingMessage } from 'node:http';
import { KeyholdError } from '../contract/errors.ts';

/** A request's body of this type. Throws `InvalidInput` for another content type or more bytes than that. */
export async function readBody(request: IncomingMessage, type: string, maxBytes: number): Promise<Buffer> {
  const given = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  // None of the types asked for is one that an HTML form can send.
  if (given !== type) throw new KeyholdError('InvalidInput', `The body must be ${type}.`);
  const parts: Buffer[] = [];
  let size = 0;
  // Kept open on failure, so that the refusal can still be answered.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!(part instanceof Buffer)) continue;
    size += part.length;
    if (size > maxBytes) throw new KeyholdError('InvalidInput', `The body has more than ${maxBytes} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
