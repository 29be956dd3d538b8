import { RESERVED_CONTEXT, UNBOUND_CONTEXT } from '../../contract/files.ts';
import { usageError } from '../errors.ts';

/** `--context key=value`, repeated: the encryption context, authenticated with the message and not secret. Throws `InvalidInput`. */
export function parseContext(pairs: readonly string[]): Record<string, string> {
  const context: Record<string, string> = {};
  for (const pair of pairs) {
    const mark = pair.indexOf('=');
    if (mark < 1) throw usageError(`"${pair}" is no context. Write it as --context key=value.`);
    const key = pair.slice(0, mark);
    if (key.startsWith(RESERVED_CONTEXT))
      throw usageError(`Context keys that begin with ${RESERVED_CONTEXT} are reserved. Choose another.`);
    if (key === UNBOUND_CONTEXT) throw usageError(`A context key cannot be called ${UNBOUND_CONTEXT}. Choose another.`);
    if (Object.hasOwn(context, key)) throw usageError(`The context key "${key}" is given twice.`);
    context[key] = pair.slice(mark + 1);
  }
  return context;
}
