/** What the first bytes of a file say it is. Nothing of it has been verified. */
export type FileKind =
  | { kind: 'message'; keys: string[]; context: Record<string, string>; signed: boolean }
  /** A message without key commitment (version 1 of the format), which is not opened here. */
  | { kind: 'uncommitted' }
  | { kind: 'other' };

/** Bytes of a file that are enough for any header with the keys and the context that people give. */
export const HEADER_BYTES = 256 * 1024;

const VERSION_2 = 2;
const VERSION_1 = 1;
const CUSTOMER_DATA = 0x80;
/** The algorithm suites with key commitment: without and with a signature. */
const COMMITTING = 0x0478;
const COMMITTING_SIGNED = 0x0578;
const MESSAGE_ID_BYTES = 32;
const KMS = 'aws-kms';

/** The header of an AWS Encryption SDK message, as its format reference has it ("Header structure", version 2). */
export function readMessageHeader(bytes: Uint8Array): FileKind {
  try {
    return read(bytes);
  } catch {
    // Ended within a field, or text that is no UTF-8.
    return { kind: 'other' };
  }
}

function read(bytes: Uint8Array): FileKind {
  if (bytes[0] === VERSION_1 && bytes[1] === CUSTOMER_DATA) return { kind: 'uncommitted' };
  const reader = fields(bytes);
  if (reader.byte() !== VERSION_2) return { kind: 'other' };
  const suite = reader.short();
  if (suite !== COMMITTING && suite !== COMMITTING_SIGNED) return { kind: 'other' };
  reader.skip(MESSAGE_ID_BYTES);
  const pairs: [name: string, value: string][] = [];
  if (reader.short() > 0) {
    for (let count = reader.short(); count > 0; count--) pairs.push([reader.text(), reader.text()]);
  }
  const keys: string[] = [];
  for (let count = reader.short(); count > 0; count--) {
    const provider = reader.text();
    const key = reader.text();
    reader.skip(reader.short());
    if (provider === KMS) keys.push(key);
  }
  // Whatever others called a pair, `__proto__` too, is shown.
  return { kind: 'message', keys, context: Object.fromEntries(pairs), signed: suite === COMMITTING_SIGNED };
}

function fields(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  const take = (length: number): number => {
    if (at + length > bytes.byteLength) throw new RangeError('the header is cut off');
    at += length;
    return at - length;
  };
  const short = () => view.getUint16(take(2));
  return {
    byte: () => view.getUint8(take(1)),
    short,
    skip: (length: number): void => void take(length),
    text: () => {
      const length = short();
      const start = take(length);
      return utf8.decode(bytes.subarray(start, start + length));
    },
  };
}
