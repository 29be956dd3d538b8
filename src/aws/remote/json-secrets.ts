const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** What stands in a secret's place while the rest is parsed. */
const FILLER = 0x78;

export interface JsonWithSecrets {
  /** The document, with other text in the secrets' places; undefined where it is none. */
  plain: unknown;
  /** By member name; the caller's to wipe. */
  secrets: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads JSON whose members of these names, wherever they are, have secret strings: they become bytes of their own and never text, which could not be wiped. The given bytes are
 * changed. A secret with an escape other than those of `"`, `\` and `/` is none that AWS makes, and makes the document unreadable.
 */
export function takeSecrets(json: Buffer, names: readonly string[]): JsonWithSecrets {
  const secrets = new Map<string, Uint8Array>();
  for (let at = json.indexOf(QUOTE); at !== -1; ) {
    const end = endOfString(json, at);
    if (end === -1) break;
    const name = json.toString('latin1', at + 1, end);
    const value = names.includes(name) ? valueAfter(json, end + 1) : -1;
    if (value === -1) {
      at = json.indexOf(QUOTE, end + 1);
      continue;
    }
    const valueEnd = endOfString(json, value);
    if (valueEnd === -1) break;
    const raw = json.subarray(value + 1, valueEnd);
    const secret = unescaped(raw);
    raw.fill(FILLER);
    if (secret === undefined) return { plain: undefined, secrets: wiped(secrets) };
    secrets.get(name)?.fill(0);
    secrets.set(name, secret);
    at = json.indexOf(QUOTE, valueEnd + 1);
  }
  const plain = parsed(json);
  return plain === undefined ? { plain, secrets: wiped(secrets) } : { plain, secrets };
}

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

/** The closing quote of the string that begins at `from`; -1 without. */
function endOfString(json: Buffer, from: number): number {
  for (let at = from + 1; at < json.length; at += 1) {
    if (json[at] === BACKSLASH) at += 1;
    else if (json[at] === QUOTE) return at;
  }
  return -1;
}

/** Where the string begins that is a member's value; -1 where what comes is no colon and string. */
function valueAfter(json: Buffer, from: number): number {
  const colon = skipBlanks(json, from);
  if (json[colon] !== 0x3a) return -1;
  const value = skipBlanks(json, colon + 1);
  return json[value] === QUOTE ? value : -1;
}

function skipBlanks(json: Buffer, from: number): number {
  let at = from;
  while (json[at] === 0x20 || json[at] === 0x09 || json[at] === 0x0a || json[at] === 0x0d) at += 1;
  return at;
}

function unescaped(raw: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at += 1) {
    let byte = raw[at] ?? 0;
    if (byte === BACKSLASH) {
      at += 1;
      byte = raw[at] ?? 0;
      if (byte !== QUOTE && byte !== BACKSLASH && byte !== 0x2f) {
        out.fill(0);
        return undefined;
      }
    }
    out[length] = byte;
    length += 1;
  }
  const secret = out.slice(0, length);
  out.fill(0);
  return secret;
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

function parsed(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
}

function wiped(secrets: Map<string, Uint8Array>): Map<string, Uint8Array> {
  for (const secret of secrets.values()) secret.fill(0);
  secrets.clear();
  return secrets;
}
