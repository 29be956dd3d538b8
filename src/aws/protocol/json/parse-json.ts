import { isUtf8 } from 'node:buffer';
import { MalformedInput } from '../malformed-input.ts';

/** A JSON body; an empty one is an empty object, as AWS has it. Throws MalformedInput. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw new MalformedInput('The body is not UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // The parser's own message quotes the body.
    throw new MalformedInput('The body is not JSON.');
  }
}
