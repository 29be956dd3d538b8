/**
 * Overwrites secrets with zeros. Best effort: the engine may have copied them while they lived. What purges them for certain
 * is the end of the process.
 */
export function wipe(...secrets: readonly (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
