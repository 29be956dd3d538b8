import { KeyholdError } from '../../contract/errors.ts';
import { fromHex } from '../crypto/bytes.ts';

/** Checks at the HSM's boundary. Each throws `InvalidInput` that names the field, never its value. */

export type Fields = Readonly<Record<string, unknown>>;

export function invalid(name: string, expected: string): KeyholdError {
  return new KeyholdError('InvalidInput', `The vault process expected ${name} to be ${expected}.`);
}

/** A plain object with no other fields than these. */
export function fieldsOf(value: unknown, name: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw invalid(name, 'an object');
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw new KeyholdError('InvalidInput', `The vault process does not know a field of ${name}.`);
  }
  return { ...value };
}

export function bytesOf(value: unknown, name: string, minimum: number, maximum: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length < minimum || value.length > maximum) {
    throw invalid(name, minimum === maximum ? `${minimum} bytes` : `${minimum} to ${maximum} bytes`);
  }
  return value;
}

export function textOf(value: unknown, name: string, minimum: number, maximum: number): string {
  if (typeof value !== 'string' || value.length < minimum || value.length > maximum) {
    throw invalid(name, `text of ${minimum} to ${maximum} characters`);
  }
  return value;
}

export function matchOf(value: unknown, name: string, pattern: RegExp, expected: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw invalid(name, expected);
  return value;
}

export function integerOf(value: unknown, name: string, minimum: number, maximum: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw invalid(name, `a whole number from ${minimum} to ${maximum}`);
  }
  return value;
}

export function booleanOf(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw invalid(name, 'true or false');
  return value;
}

export function oneOf<T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  for (const choice of choices) if (value === choice) return choice;
  throw invalid(name, `one of ${choices.join(', ')}`);
}

export function listOf<T>(
  value: unknown,
  name: string,
  maximum: number,
  item: (value: unknown, name: string) => T,
): T[] {
  if (!Array.isArray(value) || value.length > maximum) throw invalid(name, `a list of at most ${maximum}`);
  const out: T[] = [];
  for (let index = 0; index < value.length; index++) out.push(item(value[index], name));
  return out;
}

/** Milliseconds since the epoch. */
export function instantOf(value: unknown, name: string): number {
  return integerOf(value, name, 0, Number.MAX_SAFE_INTEGER);
}

const RECORD_ID = /^[0-9a-f]{32}$/;
/** A record id as its 32 hex digits. */
export function recordIdOf(value: unknown, name: string): string {
  return matchOf(value, name, RECORD_ID, '32 lower-case hex digits');
}

/** The 16 bytes of a checked record id. */
export function recordIdBytes(id: string): Uint8Array {
  return fromHex(id);
}

/** Counters stay well inside safe integers, so that the next number is one too. */
export const MOST_COUNTED = 2 ** 52;

export function versionOf(value: unknown, name: string): number {
  return integerOf(value, name, 1, MOST_COUNTED);
}
