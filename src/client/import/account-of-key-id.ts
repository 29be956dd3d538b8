const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The account id that newer access key ids spell (base32 after the four-letter prefix, bits 1 to 40), without asking AWS. Null for
 * older key ids, which do not carry it. AWS does not document this, so it is only ever a suggestion.
 */
export function accountOfKeyId(accessKeyId: string): string | null {
  const match = /^(?:AKIA|ASIA)([Q-Z2-7][A-Z2-7]{15})$/.exec(accessKeyId);
  if (match?.[1] === undefined) return null;
  let bits = 0n;
  for (const letter of match[1].slice(0, 10)) bits = (bits << 5n) | BigInt(BASE32.indexOf(letter));
  // 50 bits were read; the first is the marker, the next 40 are the account.
  const account = (bits >> 9n) & ((1n << 40n) - 1n);
  return account < 1_000_000_000_000n ? account.toString().padStart(12, '0') : null;
}
