import { KeyholdError } from '../../contract/errors.ts';
import { accessKeyIdFault, copyOf, type KeyForm, secretFault, tokenFault, wipe } from './credential-values.ts';
import { decode, parseIni, trim, withoutComment } from './ini.ts';

export interface PastedKey {
  accessKeyId: string;
  /** Copies; wipe them. */
  secretAccessKey: Uint8Array;
  sessionToken?: Uint8Array;
}

const FORMS =
  'Give the access key id and the secret on two lines, as aws_access_key_id=… lines, as export AWS_…=… lines, or as the JSON of aws iam create-access-key.';

/**
 * Reads one access key in any form people have it in: two lines (id, secret), `aws_access_key_id = …` lines with or without a
 * header, `export AWS_ACCESS_KEY_ID=…` lines, or the JSON that AWS prints. Throws `InvalidInput` with `details.line`; never
 * repeats a value.
 */
export function parsePastedKey(bytes: Uint8Array, form: KeyForm = 'aws'): PastedKey {
  const { key, line } = readPasted(trimAll(bytes));
  return check(key, line, form);
}

/** The key, with the line that its id stands in. */
interface Found {
  key: PastedKey;
  line: number;
}

function readPasted(body: Uint8Array): Found {
  if (body.length === 0) throw fault(1, `There is no key in the input. ${FORMS}`);
  if (body[0] === 0x7b) return { key: fromJson(body), line: 1 };
  if (body.includes(0x3d) && /aws_(access|secret)/i.test(asciiHead(body))) return fromLines(body);
  return fromTwoLines(body);
}

function fault(line: number, message: string): KeyholdError {
  return new KeyholdError('InvalidInput', message, { line });
}

/** Only used to tell the forms apart: names, never values after the first `=`. */
function asciiHead(bytes: Uint8Array): string {
  const end = bytes.indexOf(0x3d);
  return String.fromCharCode(...bytes.subarray(Math.max(0, end - 200), end));
}

function trimAll(bytes: Uint8Array): Uint8Array {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let from = start;
  let to = bytes.length;
  const space = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
  while (from < to && space(bytes[from])) from++;
  while (to > from && space(bytes[to - 1])) to--;
  return bytes.subarray(from, to);
}

function check(key: PastedKey, line: number, form: KeyForm): PastedKey {
  const token = key.sessionToken === undefined ? null : tokenFault(key.sessionToken);
  const swapped = looksLikeAwsKeyId(key.secretAccessKey) ? 'the access key id and the secret are swapped' : null;
  const wrong = accessKeyIdFault(key.accessKeyId, form) ?? secretFault(key.secretAccessKey, form) ?? swapped ?? token;
  if (wrong === null) return key;
  wipe(key.secretAccessKey, key.sessionToken);
  throw fault(line, `Line ${line}: ${wrong}.`);
}

/** `AKIA` or `ASIA` and 16 more: an id that stands where the secret should, so that the secret stands where the id should. */
function looksLikeAwsKeyId(bytes: Uint8Array): boolean {
  return bytes.length === 20 && /^A[KS]IA[A-Z0-9]{16}$/.test(decode(bytes) ?? '');
}

function fromTwoLines(body: Uint8Array): Found {
  const rows: Uint8Array[] = [];
  let start = 0;
  while (start <= body.length) {
    const found = body.indexOf(0x0a, start);
    const end = found === -1 ? body.length : found;
    const row = trim(body.subarray(start, end));
    if (row.length > 0) rows.push(row);
    start = end + 1;
  }
  const [id, secret, token] = rows;
  if (id === undefined || secret === undefined || rows.length > 3) {
    throw fault(Math.max(1, rows.length), `Expected two lines, found ${rows.length}. ${FORMS}`);
  }
  return {
    key: {
      accessKeyId: decode(id) ?? '\ufffd',
      secretAccessKey: copyOf(secret),
      ...(token === undefined ? {} : { sessionToken: copyOf(token) }),
    },
    line: 1,
  };
}

const SHELL_PREFIXES = ['export ', 'set ', '$env:'].map((prefix) => new TextEncoder().encode(prefix));

/** Turns `export `, `set ` and `$env:` at the start of a line into spaces. */
function blankShellPrefixes(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) {
    while (bytes[start] === 0x20 || bytes[start] === 0x09) start++;
    for (const prefix of SHELL_PREFIXES) {
      if (prefix.every((byte, index) => byte === lower(bytes[start + index])))
        bytes.fill(0x20, start, start + prefix.length);
    }
    const end = bytes.indexOf(0x0a, start);
    start = end === -1 ? bytes.length : end + 1;
  }
}

function lower(byte: number | undefined): number {
  if (byte === undefined) return 0;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function fromLines(body: Uint8Array): Found {
  const header = new TextEncoder().encode('[pasted]\n');
  const all = new Uint8Array(header.length + body.length);
  const own = body[0] === 0x5b;
  all.set(own ? body : header, 0);
  if (!own) all.set(body, header.length);
  blankShellPrefixes(all);
  try {
    const ini = parseIni('input', own ? all.subarray(0, body.length) : all);
    const offset = own ? 0 : 1;
    const problem = ini.problems[0];
    const settings = ini.sections.flatMap((section) => section.settings);
    if (ini.sections.length > 1) {
      const line = (ini.sections[1]?.line ?? 1) - offset;
      throw fault(line, `Line ${line}: there is more than one profile. Import the file with keyhold import aws.`);
    }
    const find = (name: string) => settings.filter((setting) => setting.name === name);
    const ids = find('aws_access_key_id');
    const secrets = find('aws_secret_access_key');
    const tokens = find('aws_session_token');
    const twice = [ids[1], secrets[1], tokens[1]].find((setting) => setting !== undefined);
    if (twice !== undefined)
      throw fault(twice.line - offset, `Line ${twice.line - offset}: this setting stands twice.`);
    const [id] = ids;
    const [secret] = secrets;
    if (id === undefined || secret === undefined) {
      if (problem !== undefined)
        throw fault(problem.line - offset, `Line ${problem.line - offset}: ${problem.message}.`);
      throw fault(1, `The ${id === undefined ? 'access key id' : 'secret access key'} is missing. ${FORMS}`);
    }
    const token = tokens[0];
    return {
      key: {
        accessKeyId: decode(plain(id.value)) ?? '\ufffd',
        secretAccessKey: copyOf(plain(secret.value)),
        ...(token === undefined ? {} : { sessionToken: copyOf(plain(token.value)) }),
      },
      line: id.line - offset,
    };
  } finally {
    wipe(all);
  }
}

/** A value without comment, quotes and a closing `;`. */
function plain(value: Uint8Array): Uint8Array {
  let bytes = withoutComment(value);
  if (bytes.at(-1) === 0x3b) bytes = trim(bytes.subarray(0, -1));
  const first = bytes[0];
  const quoted = bytes.length >= 2 && (first === 0x22 || first === 0x27) && bytes.at(-1) === first;
  return quoted ? bytes.subarray(1, -1) : bytes;
}

const NAMES = [
  ['AccessKeyId', 'id'],
  ['accessKeyId', 'id'],
  ['SecretAccessKey', 'secret'],
  ['secretAccessKey', 'secret'],
  ['SessionToken', 'token'],
  ['sessionToken', 'token'],
] as const;

/** Takes the values out of the JSON bytes; what is left is parsed only to say where it is broken. */
function fromJson(body: Uint8Array): PastedKey {
  const rest = copyOf(body);
  const values: { id?: Uint8Array; secret?: Uint8Array; token?: Uint8Array } = {};
  try {
    for (const [name, as] of NAMES) {
      const range = stringAfter(rest, name);
      if (range === null) continue;
      if (values[as] !== undefined) throw fault(1, 'The JSON holds more than one access key; give one.');
      values[as] = unescapeSlashes(rest.subarray(range.from, range.to));
      rest.fill(0x78, range.from, range.to);
      if (stringAfter(rest, name, range.to) !== null)
        throw fault(1, 'The JSON holds more than one access key; give one.');
    }
    const text = decode(rest);
    try {
      JSON.parse(text ?? '');
    } catch (cause) {
      throw new KeyholdError('InvalidInput', 'The input starts with { but is not whole JSON.', { line: 1 }, { cause });
    }
    const { id, secret, token } = values;
    if (id === undefined || secret === undefined) {
      throw fault(1, `The JSON has no ${id === undefined ? 'AccessKeyId' : 'SecretAccessKey'}.`);
    }
    return {
      accessKeyId: decode(id) ?? '\ufffd',
      secretAccessKey: secret,
      ...(token === undefined ? {} : { sessionToken: token }),
    };
  } catch (error) {
    wipe(values.secret, values.token);
    throw error;
  } finally {
    wipe(rest);
  }
}

function stringAfter(bytes: Uint8Array, name: string, from = 0): { from: number; to: number } | null {
  const needle = new TextEncoder().encode(`"${name}"`);
  for (let at = from; at + needle.length < bytes.length; at++) {
    if (!needle.every((byte, index) => bytes[at + index] === byte)) continue;
    let next = at + needle.length;
    const skip = (): void => {
      while (bytes[next] === 0x20 || bytes[next] === 0x09 || bytes[next] === 0x0a || bytes[next] === 0x0d) next++;
    };
    skip();
    if (bytes[next] !== 0x3a) continue;
    next++;
    skip();
    if (bytes[next] !== 0x22) continue;
    const start = next + 1;
    let end = start;
    while (end < bytes.length && bytes[end] !== 0x22) end += bytes[end] === 0x5c ? 2 : 1;
    return end < bytes.length ? { from: start, to: end } : null;
  }
  return null;
}

/** JSON may write `/` as `\/`; no other escape can occur in a key. */
function unescapeSlashes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0x5c && bytes[at + 1] === 0x2f) at++;
    out[length++] = bytes[at] ?? 0;
  }
  return out.slice(0, length);
}
