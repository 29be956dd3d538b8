const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** JSON of plain members and of secret ones; the bytes are the caller's to wipe. Secrets are visible ASCII. */
export function jsonWith(
  plain: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, Uint8Array>>,
): Buffer {
  const head = JSON.stringify(plain);
  const parts: Uint8Array[] = [Buffer.from(head.slice(0, -1))];
  let comma = head !== '{}';
  for (const [name, secret] of Object.entries(secrets)) {
    parts.push(Buffer.from(`${comma ? ',' : ''}${JSON.stringify(name)}:"`), escaped(secret), Buffer.from('"'));
    comma = true;
  }
  parts.push(Buffer.from('}'));
  try {
    return Buffer.concat(parts);
  } finally {
    for (const part of parts) part.fill(0);
  }
}

function escaped(secret: Uint8Array): Uint8Array {
  let wanted = 0;
  for (const byte of secret) wanted += byte === QUOTE || byte === BACKSLASH ? 2 : 1;
  const bytes = new Uint8Array(wanted);
  let at = 0;
  for (const byte of secret) {
    if (byte === QUOTE || byte === BACKSLASH) {
      bytes[at] = BACKSLASH;
      at += 1;
    }
    bytes[at] = byte;
    at += 1;
  }
  return bytes;
}
