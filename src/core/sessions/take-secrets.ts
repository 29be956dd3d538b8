const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { '"': 0x22, '\\': 0x5c, '/': 0x2f };

interface Text {
  /** Of the opening quote. */
  from: number;
  /** After the closing one. */
  to: number;
}

/**
 * Takes the members of these names, at any depth, out of a JSON text before it is parsed, so that no secret becomes a string that nobody can wipe. `secrets` are theirs as bytes,
 * the caller's to wipe; `rest` is the text without them, parsed, or undefined where it is not JSON. Only members whose values are strings of ASCII are taken.
 */
export function takeSecrets(
  json: Uint8Array,
  names: readonly string[],
): { rest: unknown; secrets: ReadonlyMap<string, Uint8Array> } {
  const secrets = new Map<string, Uint8Array>();
  const kept = Uint8Array.from(json);
  try {
    let last: Text | undefined;
    for (let at = 0; at < json.length; ) {
      if (json[at] !== QUOTE) {
        at += 1;
        continue;
      }
      const text = { from: at, to: endOfText(json, at) };
      const name = last === undefined ? undefined : nameBefore(json, last, text);
      if (name !== undefined && names.includes(name) && !secrets.has(name)) {
        const value = unescaped(json.subarray(text.from + 1, text.to - 1));
        if (value !== undefined) {
          secrets.set(name, value);
          kept.fill(0x2a, text.from + 1, text.to - 1);
        }
      }
      last = text;
      at = text.to;
    }
    return { rest: parsed(kept), secrets };
  } finally {
    kept.fill(0);
  }
}

function endOfText(json: Uint8Array, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    if (json[at] === BACKSLASH) at += 1;
    else if (json[at] === QUOTE) return at + 1;
  }
  return json.length;
}

/** The text before, where only a colon is between the two: it is this one's name. */
function nameBefore(json: Uint8Array, name: Text, value: Text): string | undefined {
  let colons = 0;
  for (const byte of json.subarray(name.to, value.from)) {
    if (byte === COLON) colons += 1;
    else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return undefined;
  }
  return colons === 1 ? Buffer.from(json.subarray(name.from + 1, name.to - 1)).toString('latin1') : undefined;
}

function unescaped(bytes: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      continue;
    }
    at += 1;
    const escaped = escapedByte(bytes, at);
    if (escaped === undefined) return undefined;
    out[length++] = escaped.byte;
    at += escaped.more;
  }
  const value = Uint8Array.from(out.subarray(0, length));
  out.fill(0);
  return value;
}

function escapedByte(bytes: Uint8Array, at: number): { byte: number; more: number } | undefined {
  const letter = String.fromCharCode(bytes[at] ?? 0);
  const simple = SIMPLE_ESCAPES[letter];
  if (simple !== undefined) return { byte: simple, more: 0 };
  const hex = Buffer.from(bytes.subarray(at + 1, at + 5)).toString('latin1');
  if (letter !== 'u' || !/^00[2-7][0-9a-f]$/i.test(hex)) return undefined;
  return { byte: Number.parseInt(hex, 16), more: 4 };
}

function parsed(json: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
