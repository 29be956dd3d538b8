/** Whether two public keys as OpenSSH writes them are the same, whatever comment is behind them. */
export function isSameSshKey(a: string, b: string): boolean {
  const [typeA, keyA] = a.trim().split(/\s+/);
  const [typeB, keyB] = b.trim().split(/\s+/);
  return keyA !== undefined && typeA === typeB && keyA === keyB;
}
