import { accessKeyIdFault, copyOf, type KeyForm, secretFault, wipe } from './credential-values.ts';
import { decode, type Problem, trim } from './ini.ts';

export interface FoundCsvKey {
  line: number;
  /** The IAM user, where the file has that column (`credentials.csv`). */
  userName?: string;
  accessKeyId: string;
  /** A copy; pass it to `wipeCsv`. */
  secretAccessKey: Uint8Array;
}

export interface FoundCsv {
  keys: FoundCsvKey[];
  problems: Problem[];
}

interface Field {
  bytes: Uint8Array;
  line: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
const MAX_BYTES = 1024 * 1024;

/**
 * Reads what the IAM console downloads: `accessKeys.csv` (`Access key ID,Secret access key`) or `credentials.csv` (with
 * `User name` and more). RFC 4180 quoting, optional BOM, any line ends. Works on bytes; never throws.
 */
export function parseIamCsv(file: string, bytes: Uint8Array, form: KeyForm = 'aws'): FoundCsv {
  const keys: FoundCsvKey[] = [];
  const problems: Problem[] = [];
  const problem = (line: number, message: string): FoundCsv => {
    problems.push({ file, line, message });
    return { keys, problems };
  };
  if (bytes.length > MAX_BYTES)
    return problem(1, 'the file is larger than 1 MiB; that is no key file of the IAM console');
  if (bytes.includes(0)) return problem(1, 'the file is not UTF-8 text; download it again or save it as UTF-8');

  const { rows, unclosed } = readRows(bytes);
  if (unclosed !== null) problem(unclosed, 'a quoted field is not closed');
  const [header, ...data] = rows;
  if (header === undefined) return problem(1, 'the file is empty');
  const names = header.map((field) => (decode(field.bytes) ?? '').toLowerCase().replace(/[\s_]+/gu, ' '));
  const column = (name: string): number => names.indexOf(name);
  const idColumn = column('access key id');
  const secretColumn = column('secret access key');
  const userColumn = column('user name');
  if (idColumn === -1 || secretColumn === -1) {
    return problem(
      1,
      'the first line must name the columns "Access key ID" and "Secret access key", as the IAM console writes it',
    );
  }
  if (unclosed !== null) return { keys, problems };
  const seen = new Map<string, number>();
  for (const row of data) {
    const line = row[0]?.line ?? 1;
    if (row.length !== names.length) {
      problem(line, `expected ${names.length} fields, found ${row.length}`);
      continue;
    }
    const id = decode(row[idColumn]?.bytes ?? new Uint8Array()) ?? '\ufffd';
    const secret = row[secretColumn]?.bytes ?? new Uint8Array();
    if (id === '' && secret.length === 0) {
      problem(line, 'this user has no access key in the file');
      continue;
    }
    const fault = accessKeyIdFault(id, form) ?? secretFault(secret, form);
    const earlier = seen.get(id);
    if (fault !== null) problem(line, fault);
    else if (earlier !== undefined) problem(line, `the access key id stands twice (first in line ${earlier})`);
    else {
      seen.set(id, line);
      const userName = userColumn === -1 ? '' : (decode(row[userColumn]?.bytes ?? new Uint8Array()) ?? '');
      keys.push({ line, ...(userName === '' ? {} : { userName }), accessKeyId: id, secretAccessKey: copyOf(secret) });
    }
  }
  if (data.length === 0) problem(2, 'there is no key under the header');
  return { keys, problems };
}

/** Overwrites every secret found. Best effort. */
export function wipeCsv(found: FoundCsv): void {
  for (const key of found.keys) wipe(key.secretAccessKey);
}

function readRows(bytes: Uint8Array): { rows: Field[][]; unclosed: number | null } {
  const rows: Field[][] = [];
  let row: Field[] = [];
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let line = 1;
  const endRow = (): void => {
    if (row.length > 1 || (row[0]?.bytes.length ?? 0) > 0) rows.push(row);
    row = [];
  };
  while (at < bytes.length) {
    const startLine = line;
    let field: Uint8Array;
    if (bytes[skipSpaces(bytes, at)] === QUOTE) {
      const read = readQuoted(bytes, skipSpaces(bytes, at) + 1);
      if (read === null) return { rows, unclosed: startLine };
      field = read.bytes;
      line += read.newlines;
      at = read.next;
      while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== NEWLINE) at++;
    } else {
      const start = at;
      while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== NEWLINE) at++;
      field = trim(bytes.subarray(start, at));
    }
    row.push({ bytes: field, line: startLine });
    if (bytes[at] === COMMA) {
      at++;
      if (at === bytes.length) row.push({ bytes: new Uint8Array(), line });
      continue;
    }
    endRow();
    line++;
    at++;
  }
  endRow();
  return { rows, unclosed: null };
}

function skipSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
  return at;
}

function readQuoted(bytes: Uint8Array, from: number): { bytes: Uint8Array; next: number; newlines: number } | null {
  const out = new Uint8Array(bytes.length - from);
  let length = 0;
  let newlines = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      if (bytes[at + 1] !== QUOTE) return { bytes: trim(out.subarray(0, length)), next: at + 1, newlines };
      at++;
    }
    if (byte === NEWLINE) newlines++;
    out[length++] = byte;
  }
  return null;
}
