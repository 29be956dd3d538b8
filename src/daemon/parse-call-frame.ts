import { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import type { CallFrame } from '../contract/wire.ts';

const Id = z.int().min(0);
const Frame = z.union([
  z.strictObject({ id: Id, subscribe: z.literal(true) }),
  z.strictObject({ id: Id, method: z.string().max(128), params: z.unknown() }),
]);

/** One line of the control socket. Throws `InvalidInput`. */
export function parseCallFrame(line: string): CallFrame {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new KeyholdError('InvalidInput', 'A frame is one JSON object; this one does not parse.', undefined, {
      cause,
    });
  }
  const parsed = Frame.safeParse(value);
  if (!parsed.success) {
    throw new KeyholdError('InvalidInput', 'A frame is { id, method, params } or { id, subscribe: true }.');
  }
  return parsed.data;
}
