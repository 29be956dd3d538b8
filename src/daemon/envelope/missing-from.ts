/** The first pair of `wanted` that the message does not carry; null when it carries them all. */
export function missingFrom(
  message: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string | null {
  const missing = Object.entries(wanted).find(([key, value]) => message[key] !== value);
  return missing === undefined ? null : `${missing[0]}=${missing[1]}`;
}
