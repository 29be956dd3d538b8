import { concat, lp, readLp, readU32, toHex, u32, u64, utf8 } from './bytes.ts';

/**
 * The framing of an account file (docs/format.md, "Account files"). Every part has exactly one encoding, so whoever reads parts and writes them again has the same
 * bytes: that is how the HSM process checks a file that it does not see.
 */

const MAGIC = utf8('keyhold account\n');
const FORMAT = 1;
export const FILE_ID_BYTES = 16;
export const FILE_MAC_BYTES = 32;
const RECORD_ID_BYTES = 16;
const COUNT_BYTES = 8;
const ENTRY = 1;
const END = 0;
const FORMAT_AT = MAGIC.length;
const FILE_ID_AT = FORMAT_AT + 4;
const SLOT_AT = FILE_ID_AT + FILE_ID_BYTES;
const MOST_KEKS = 16;
const LONGEST_DESCRIPTOR = 65_536;
const LONGEST_WRAPPED = 1024;
const LONGEST_KIND = 32;
const LONGEST_SEALED = 17 * 1024 * 1024;
/** Numbers are below 2^52, so that the next one is a safe integer too. */
const MOST_HIGH = 0xf_ffff;

export interface AccountFileKek {
  id: number;
  purpose: string;
  createdAt: number;
  wrapped: Uint8Array;
}

export interface AccountFileHeader {
  /** 16 random bytes: what `vault_id` is to a vault. */
  fileId: Uint8Array;
  slot: { descriptor: Uint8Array; wrapped: Uint8Array };
  keks: AccountFileKek[];
}

export interface AccountFileEntry {
  /** 32 hex digits */
  id: string;
  kind: string;
  version: number;
  sealed: Uint8Array;
}

export interface AccountFileEnd {
  entries: number;
  mac: Uint8Array;
}

export function encodeAccountHeader({ fileId, slot, keks }: AccountFileHeader): Uint8Array {
  const rows = keks.flatMap((kek) => [u32(kek.id), lp(utf8(kek.purpose)), u64(kek.createdAt), lp(kek.wrapped)]);
  return concat(MAGIC, u32(FORMAT), fileId, lp(slot.descriptor), lp(slot.wrapped), u32(keks.length), ...rows);
}

export function encodeAccountEntry({ id, kind, version, sealed }: AccountFileEntry): Uint8Array {
  const recordId = new Uint8Array(Buffer.from(id, 'hex'));
  return concat(Uint8Array.of(ENTRY), lp(utf8(kind)), recordId, u64(version), lp(sealed));
}

/** The end without its MAC, which covers this too. */
export function encodeAccountEnd(entries: number): Uint8Array {
  return concat(Uint8Array.of(END), u64(entries));
}

/** `foreign`: no account file. `newer`: of a format that is not known. `broken`: not what a writer makes. `short`: the bytes end too early. */
export type Unreadable = 'foreign' | 'newer' | 'broken' | 'short';
export type Part<T> = { part: T; next: number } | Unreadable;

/** Reads the header from the start of `bytes`. */
export function readAccountHeader(bytes: Uint8Array): Part<AccountFileHeader> {
  const magic = bytes.subarray(0, MAGIC.length);
  if (!magic.every((byte, index) => byte === MAGIC[index])) return 'foreign';
  if (bytes.length < SLOT_AT) return 'short';
  const format = readU32(bytes, FORMAT_AT);
  if (format !== FORMAT) return format > FORMAT ? 'newer' : 'broken';
  const descriptor = readField(bytes, SLOT_AT, LONGEST_DESCRIPTOR);
  if (typeof descriptor === 'string') return descriptor;
  const wrapped = readField(bytes, descriptor.next, LONGEST_WRAPPED);
  if (typeof wrapped === 'string') return wrapped;
  if (bytes.length < wrapped.next + 4) return 'short';
  const count = readU32(bytes, wrapped.next);
  if (count > MOST_KEKS) return 'broken';
  const keks: AccountFileKek[] = [];
  let next = wrapped.next + 4;
  while (keks.length < count) {
    const kek = readKek(bytes, next);
    if (typeof kek === 'string') return kek;
    keks.push(kek.part);
    next = kek.next;
  }
  const fileId = bytes.slice(FILE_ID_AT, SLOT_AT);
  return { part: { fileId, slot: { descriptor: descriptor.part, wrapped: wrapped.part }, keks }, next };
}

function readKek(bytes: Uint8Array, offset: number): Part<AccountFileKek> {
  if (bytes.length < offset + 4) return 'short';
  const purpose = readField(bytes, offset + 4, LONGEST_KIND);
  if (typeof purpose === 'string') return purpose;
  if (bytes.length < purpose.next + COUNT_BYTES) return 'short';
  const createdAt = readU64(bytes, purpose.next);
  const wrapped = readField(bytes, purpose.next + COUNT_BYTES, LONGEST_WRAPPED);
  if (typeof wrapped === 'string') return wrapped;
  const name = readText(purpose.part);
  if (createdAt === null || name === null) return 'broken';
  return { part: { id: readU32(bytes, offset), purpose: name, createdAt, wrapped: wrapped.part }, next: wrapped.next };
}

/** Reads the entry or the end at `offset`. */
export function readAccountPart(bytes: Uint8Array, offset: number): Part<AccountFileEntry | AccountFileEnd> {
  if (offset >= bytes.length) return 'short';
  if (bytes[offset] === END) return readEnd(bytes, offset + 1);
  if (bytes[offset] !== ENTRY) return 'broken';
  const kind = readField(bytes, offset + 1, LONGEST_KIND);
  if (typeof kind === 'string') return kind;
  const versionAt = kind.next + RECORD_ID_BYTES;
  if (bytes.length < versionAt + COUNT_BYTES) return 'short';
  const version = readU64(bytes, versionAt);
  const sealed = readField(bytes, versionAt + COUNT_BYTES, LONGEST_SEALED);
  if (typeof sealed === 'string') return sealed;
  const name = readText(kind.part);
  if (version === null || version === 0 || name === null) return 'broken';
  const id = toHex(bytes.subarray(kind.next, versionAt));
  return { part: { id, kind: name, version, sealed: sealed.part }, next: sealed.next };
}

function readEnd(bytes: Uint8Array, offset: number): Part<AccountFileEnd> {
  const macAt = offset + COUNT_BYTES;
  if (bytes.length < macAt + FILE_MAC_BYTES) return 'short';
  const entries = readU64(bytes, offset);
  if (entries === null) return 'broken';
  return { part: { entries, mac: bytes.slice(macAt, macAt + FILE_MAC_BYTES) }, next: macAt + FILE_MAC_BYTES };
}

/** An `lp` value as a copy; a length that no writer makes is not waited for. */
function readField(bytes: Uint8Array, offset: number, longest: number): Part<Uint8Array> {
  if (bytes.length < offset + 4) return 'short';
  if (readU32(bytes, offset) > longest) return 'broken';
  const field = readLp(bytes, offset);
  return field === null ? 'short' : { part: new Uint8Array(field.value), next: field.next };
}

/** Null for 2^52 and above. */
function readU64(bytes: Uint8Array, offset: number): number | null {
  const high = readU32(bytes, offset);
  return high > MOST_HIGH ? null : high * 2 ** 32 + readU32(bytes, offset + 4);
}

/** Null for bytes that are not the UTF-8 of a text, so that writing it again gives the same bytes. */
function readText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
