import { usageError } from './errors.ts';

/** A 12-digit account id; dashes as in the console's display are taken out. Throws `InvalidInput`. */
export function accountId(text: string): string {
  const digits = text.trim().replaceAll('-', '');
  if (!/^\d{12}$/.test(digits)) throw usageError(`"${text}" is no account id: it has exactly 12 digits.`);
  return digits;
}

/** `name=value` pairs of a repeatable option. Throws `InvalidInput`. */
export function collectTags(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw usageError(`"${text}" is no tag. Write it as name=value.`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** `NAME=value` environment variables of a repeatable option. Throws `InvalidInput`. */
export function collectVariables(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  // The value may be a secret in the wrong place.
  if (at <= 0) throw usageError('Write an environment variable as NAME=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Values of a repeatable option, in order. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** A whole number between two bounds. */
export function wholeNumber(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) {
      throw usageError(`${name} is a whole number from ${least} to ${most}, not "${text}".`);
    }
    return number;
  };
}
