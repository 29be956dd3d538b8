import { isObject } from '../../protocol/tree/write-tree.ts';

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * A value in AWS's errors, with a leading space: strings and numbers in quotes, lists and maps as Java prints them. Blobs, structures and
 * secrets are left out.
 */
export function shownValue(value: unknown, secret: boolean): string {
  if (secret) return '';
  if (isScalar(value)) return ` '${value}'`;
  if (Array.isArray(value)) return value.every(isScalar) ? ` '[${value.join(', ')}]'` : '';
  if (value instanceof Uint8Array || value instanceof Date || !isObject(value)) return '';
  const entries = Object.entries(value);
  if (!entries.every(([, one]) => isScalar(one))) return '';
  return ` '{${entries.map(([name, one]) => `${name}=${String(one)}`).join(', ')}}'`;
}
