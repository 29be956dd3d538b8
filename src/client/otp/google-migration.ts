import { fromBase64 } from '../base64.ts';
import { checkEntry, type OtpEntry, otpFault, type RawEntry } from './entry.ts';

/** What one QR code of Google Authenticator's export holds. */
export interface MigrationPart {
  entries: { entry: OtpEntry }[];
  /** Entries that cannot be taken over, in words. */
  problems: string[];
  /** Codes that belong together have the same id. */
  batch: { id: number; index: number; size: number };
}

const PREFIX = /^otpauth-migration:\/\/offline\/?\?data=([^&#]+)$/i;
const LONGEST_URI = 16_384;
const ALGORITHMS: Readonly<Record<number, string>> = { 0: 'SHA1', 1: 'SHA1', 2: 'SHA256', 3: 'SHA512', 4: 'MD5' };
/** Google's enumeration; missing ones are six. */
const DIGITS: Readonly<Record<number, number>> = { 0: 6, 1: 6, 2: 8, 3: 7 };
const TYPES: Readonly<Record<number, string>> = { 0: 'totp', 1: 'hotp', 2: 'totp' };

export function isMigration(text: string): boolean {
  return /^otpauth-migration:/i.test(text.trim());
}

/** `otpauth-migration://offline?data=…`: a protobuf message (MigrationPayload) in base64. Throws `InvalidInput`. */
export function parseMigration(text: string): MigrationPart {
  const data = PREFIX.exec(text.trim().slice(0, LONGEST_URI))?.[1];
  if (data === undefined) throw damaged();
  const bytes = bytesOf(data);
  try {
    const batch = { id: 0, index: 0, size: 1 };
    const raws: RawEntry[] = [];
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1 && field.bytes !== undefined) raws.push(entryOf(field.bytes));
      else if (field.number === 3) batch.size = field.value;
      else if (field.number === 4) batch.index = field.value;
      else if (field.number === 5) batch.id = field.value;
    }
    const entries: { entry: OtpEntry }[] = [];
    const problems: string[] = [];
    for (const raw of raws) {
      try {
        entries.push({ entry: checkEntry(raw) });
      } catch (error) {
        problems.push(error instanceof Error ? error.message : 'It cannot be read.');
      }
    }
    if (raws.length === 0) throw damaged();
    return { entries, problems, batch };
  } finally {
    bytes.fill(0);
  }
}

function damaged() {
  return otpFault(
    'This code of Google Authenticator’s export cannot be read. Show it again, as large as the screen allows.',
  );
}

function bytesOf(data: string): Uint8Array {
  try {
    return fromBase64(decodeURIComponent(data).replaceAll(' ', '+').replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    throw damaged();
  }
}

/** OtpParameters: secret 1, name 2, issuer 3, algorithm 4, digits 5, type 6, counter 7. */
function entryOf(bytes: Uint8Array): RawEntry {
  const raw: RawEntry = { type: 'totp', issuer: '', label: '', seed: null };
  for (const { number, bytes: content, value } of fieldsOf(bytes)) {
    if (number === 1 && content !== undefined) raw.seed = new Uint8Array(content);
    else if (number === 2 && content !== undefined) raw.label = textOf(content);
    else if (number === 3 && content !== undefined) raw.issuer = textOf(content);
    else if (number === 4) raw.algorithm = ALGORITHMS[value] ?? `number ${value}`;
    else if (number === 5) raw.digits = DIGITS[value] ?? value;
    else if (number === 6) raw.type = TYPES[value] ?? `number ${value}`;
    else if (number === 7) raw.counter = value;
  }
  // The name often repeats the issuer before a colon.
  if (typeof raw.label === 'string' && typeof raw.issuer === 'string') {
    const at = raw.label.indexOf(':');
    if (raw.issuer === '' && at > 0) raw.issuer = raw.label.slice(0, at).trim();
    if (at > 0 && raw.label.slice(0, at).trim() === raw.issuer) raw.label = raw.label.slice(at + 1).trim();
  }
  return raw;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw damaged();
  }
}

interface Field {
  number: number;
  /** Of a varint. */
  value: number;
  /** Of a length-delimited field. */
  bytes?: Uint8Array;
}

/** The fields of a protobuf message that has varints and length-delimited ones; anything else is damage. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw damaged();
      // Negative int32s take ten bytes; what they say is of no use here, as long as it ends.
      value += shift < 49 ? (byte & 0x7f) * 2 ** shift : 0;
      if (byte < 0x80) return value;
    }
    throw damaged();
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (number === 0) throw damaged();
    if (wire === 0) yield { number, value: varint() };
    else if (wire === 2) {
      const length = varint();
      if (length > bytes.length - at) throw damaged();
      yield { number, value: 0, bytes: bytes.subarray(at, at + length) };
      at += length;
    } else throw damaged();
  }
}
