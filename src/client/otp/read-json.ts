import { fromBase32 } from '../../contract/base32.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a text; undefined when it is not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const utf8 = new TextEncoder();

/** A base32 secret out of JSON; null when it is none. */
export function secretOf(value: unknown): Uint8Array | null {
  if (typeof value !== 'string' || value.length > 1024) return null;
  const ascii = utf8.encode(value);
  const seed = fromBase32(ascii);
  ascii.fill(0);
  return seed;
}
