import type { IncomingMessage } from 'node:http';
import { KeyholdError } from '../contract/errors.ts';
import { readBody } from './read-body.ts';

export const MAX_BODY_BYTES = 1024 * 1024;

/** A request's JSON body. Throws `InvalidInput` for another content type, more than 1 MiB, or what does not parse. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, 'application/json', MAX_BODY_BYTES);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new KeyholdError('InvalidInput', 'The body is not JSON.', undefined, { cause });
  }
}
