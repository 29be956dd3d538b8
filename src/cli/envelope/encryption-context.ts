import { usageError } from '../errors.ts';

/** Keys that begin so belong to the Encryption SDK (its message format, "Encryption Context"). */
const RESERVED = 'aws-crypto-';

/** `--context key=value`, repeated: the encryption context, authenticated with the message and not secret. Throws `InvalidInput`. */
export function parseContext(pairs: readonly string[]): Record<string, string> {
  const context: Record<string, string> = {};
  for (const pair of pairs) {
    const mark = pair.indexOf('=');
    if (mark < 1) throw usageError(`"${pair}" is no context. Write it as --context key=value.`);
    const key = pair.slice(0, mark);
    if (key.startsWith(RESERVED))
      throw usageError(`Context keys that begin with ${RESERVED} are reserved. Choose another.`);
    if (Object.hasOwn(context, key)) throw usageError(`The context key "${key}" is given twice.`);
    context[key] = pair.slice(mark + 1);
  }
  return context;
}

/** The first pair of `wanted` that the message does not carry; null when it carries them all. */
export function missingFrom(
  message: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string | null {
  const missing = Object.entries(wanted).find(([key, value]) => message[key] !== value);
  return missing === undefined ? null : `${missing[0]}=${missing[1]}`;
}
