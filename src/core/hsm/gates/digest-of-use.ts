import { concat, lp, toHex, u32, utf8 } from '../../crypto/bytes.ts';
import { hmacSha256 } from '../../crypto/hmac.ts';
import { invalid } from '../input.ts';
import type { TokenState } from '../state.ts';

const DEEPEST = 8;

/**
 * Names one use of one object: the operation and its whole input, but for the blobs, which say nothing that the ids and versions do not. A touch allows exactly what it was asked
 * for, and no other request that happens to come first.
 */
export function digestOfUse(state: TokenState, op: string, object: string, input: unknown): string {
  return toHex(hmacSha256(state.gates.digestKey, lp(utf8(op)), lp(utf8(object)), encode(input, 0)));
}

/** One spelling for each value that structured cloning lets through here. */
function encode(value: unknown, depth: number): Uint8Array {
  if (depth > DEEPEST) throw invalid('input', 'less deep');
  if (value === undefined || value === null) return utf8(value === null ? 'n' : 'u');
  if (typeof value === 'string') return concat(utf8('s'), lp(utf8(value)));
  if (typeof value === 'number' || typeof value === 'boolean') return concat(utf8('v'), lp(utf8(String(value))));
  if (value instanceof Uint8Array) return concat(utf8('b'), lp(value));
  if (Array.isArray(value)) return concat(utf8('l'), u32(value.length), ...value.map((one) => encode(one, depth + 1)));
  if (typeof value !== 'object') throw invalid('input', 'plain data');
  const fields = Object.entries(value)
    .filter(([name]) => name !== 'blob')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = fields.map(([name, field]) => concat(lp(utf8(name)), encode(field, depth + 1)));
  return concat(utf8('o'), u32(parts.length), ...parts);
}
