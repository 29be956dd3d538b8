const UNRESERVED = /[A-Za-z0-9._~-]/;

/** A body of the type application/x-www-form-urlencoded whose secret fields never become text, which could not be wiped. The bytes are the caller's to wipe. */
export function formWith(
  plain: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, Uint8Array>>,
): Buffer {
  const parts: Buffer[] = [Buffer.from(new URLSearchParams(plain).toString())];
  for (const [name, secret] of Object.entries(secrets)) {
    parts.push(Buffer.from(`&${encodeURIComponent(name)}=`), percentEncoded(secret));
  }
  try {
    return Buffer.concat(parts);
  } finally {
    for (const part of parts) part.fill(0);
  }
}

/** RFC 3986, section 2.1. The caller wipes it. */
export function percentEncoded(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(bytes.length * 3);
  let length = 0;
  for (const byte of bytes) {
    if (byte < 0x80 && UNRESERVED.test(String.fromCharCode(byte))) out[length++] = byte;
    else length += out.write(`%${byte.toString(16).toUpperCase().padStart(2, '0')}`, length, 'latin1');
  }
  const exact = Buffer.from(out.subarray(0, length));
  out.fill(0);
  return exact;
}
