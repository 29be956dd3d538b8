function freeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

/** A record's payload: JSON in UTF-8. `undefined` cannot be stored. */
export function encodePayload(data: unknown): Uint8Array {
  const text = JSON.stringify(data);
  if (text === undefined) throw new TypeError('a record needs a JSON value');
  return Buffer.from(text, 'utf8');
}

/** The payload's value, deeply frozen because it is shared; null when it is not JSON. */
export function parsePayload(bytes: Uint8Array): unknown {
  try {
    return freeze(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')));
  } catch {
    return null;
  }
}
