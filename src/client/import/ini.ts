/** One place in a file that cannot be read as it stands. */
export interface Problem {
  /** The file's name for people, e.g. `credentials`. */
  file: string;
  /** Counts from 1. */
  line: number;
  message: string;
}

/** One `name = value` line. `value` is the raw bytes, trimmed: whoever reads it decides whether it may become a string. */
export interface Setting {
  name: string;
  value: Uint8Array;
  line: number;
  /** True for an indented `name = value` under a setting without a value of its own, as in `s3 =`. */
  nested: boolean;
}

/** One `[header]` and what follows it. */
export interface Section {
  /** What stands between the brackets, trimmed. */
  header: string;
  line: number;
  settings: Setting[];
}

export interface IniFile {
  sections: Section[];
  problems: Problem[];
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const OPEN = 0x5b;
const EQUALS = 0x3d;
const COLON = 0x3a;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads the ini dialect of `~/.aws` (AWS SDK reference guide, "Shared config and credentials files") from bytes, so that no
 * secret becomes a string on the way. Never throws: what cannot be read is a problem with its line.
 */
export function parseIni(file: string, bytes: Uint8Array): IniFile {
  const sections: Section[] = [];
  const problems: Problem[] = [];
  const problem = (line: number, message: string): void => {
    problems.push({ file, line, message });
  };
  if (bytes.length > MAX_BYTES) {
    problem(1, 'the file is larger than 4 MiB; that is no AWS file');
    return { sections, problems };
  }
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide || bytes.includes(0)) {
    problem(lineOf(bytes, bytes.indexOf(0)), 'the file is not UTF-8 text; save it as UTF-8');
    return { sections, problems };
  }

  let section: Section | undefined;
  let parent: Setting | undefined;
  for (const { line, content } of lines(bytes)) {
    const trimmed = trim(content);
    if (trimmed.length === 0 || trimmed[0] === HASH || trimmed[0] === SEMICOLON) continue;
    const indented = content[0] === SPACE || content[0] === TAB;
    if (trimmed[0] === OPEN && !(indented && parent !== undefined)) {
      parent = undefined;
      section = undefined;
      const header = readHeader(trimmed);
      if (header === null) problem(line, 'the section header has no closing bracket, or something stands after it');
      else if (header.length === 0) problem(line, 'the section header is empty');
      else {
        const text = decode(header);
        if (text === null) problem(line, 'the section header is not valid UTF-8');
        else {
          section = { header: text, line, settings: [] };
          sections.push(section);
        }
      }
      continue;
    }
    if (section === undefined) {
      // Settings under a header that was itself unreadable belong to that problem.
      if (problems.length === 0) problem(line, 'a setting stands before any [section]');
      continue;
    }
    const nested = indented && parent !== undefined && parent.value.length === 0;
    const setting = readSetting(trimmed, line, nested);
    if (setting !== null) {
      section.settings.push(setting);
      if (!nested) parent = setting;
    } else if (!(indented && parent !== undefined && parent.value.length > 0)) {
      problem(line, 'expected "name = value", a [section] or a # comment');
    } else {
      problem(line, `the value of ${parent.name} goes on over two lines; put it on one`);
    }
  }
  return { sections, problems };
}

function* lines(bytes: Uint8Array): Generator<{ line: number; content: Uint8Array }> {
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let line = 1; start <= bytes.length; line++) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found === -1 ? bytes.length : found;
    const last = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
    yield { line, content: bytes.subarray(start, last) };
    start = end + 1;
  }
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let index = 0; index < offset; index++) if (bytes[index] === NEWLINE) line++;
  return line;
}

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN || byte === 0x0b || byte === 0x0c;
}

export function trim(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start])) start++;
  while (end > start && isBlank(bytes[end - 1])) end--;
  return bytes.subarray(start, end);
}

/** The text of UTF-8 bytes, or null when they are not UTF-8. */
export function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function readHeader(trimmed: Uint8Array): Uint8Array | null {
  const close = trimmed.indexOf(0x5d);
  if (close === -1) return null;
  const rest = trim(trimmed.subarray(close + 1));
  if (rest.length > 0 && rest[0] !== HASH && rest[0] !== SEMICOLON) return null;
  return trim(trimmed.subarray(1, close));
}

function readSetting(trimmed: Uint8Array, line: number, nested: boolean): Setting | null {
  const equals = trimmed.indexOf(EQUALS);
  const colon = trimmed.indexOf(COLON);
  // The AWS CLI takes `:` too; a URL's colon comes after the `=`.
  const at = equals === -1 ? colon : colon === -1 ? equals : Math.min(equals, colon);
  if (at <= 0) return null;
  const name = decode(trim(trimmed.subarray(0, at)));
  if (name === null || name === '' || /[\s\p{C}]/u.test(name)) return null;
  return { name: name.toLowerCase(), value: trim(trimmed.subarray(at + 1)), line, nested };
}

/** A value without the comment that may follow it (` #…` or ` ;…`, as the SDKs read it). */
export function withoutComment(value: Uint8Array): Uint8Array {
  if (value[0] === HASH || value[0] === SEMICOLON) return value.subarray(0, 0);
  for (let index = 1; index < value.length; index++) {
    if ((value[index] === HASH || value[index] === SEMICOLON) && isBlank(value[index - 1])) {
      return trim(value.subarray(0, index));
    }
  }
  return value;
}
