import { MalformedPolicyError, positionAt } from './malformed-policy.ts';

/** A JSON value that knows where it stands (`offset` in UTF-16 units). */
export type JsonNode = JsonText | JsonNumber | JsonBoolean | JsonNull | JsonArray | JsonObject;
export interface JsonText {
  readonly type: 'string';
  readonly offset: number;
  readonly value: string;
}
interface JsonNumber {
  readonly type: 'number';
  readonly offset: number;
  /** As written: a policy compares numbers as text until an operator says otherwise. */
  readonly text: string;
}
interface JsonBoolean {
  readonly type: 'boolean';
  readonly offset: number;
  readonly value: boolean;
}
interface JsonNull {
  readonly type: 'null';
  readonly offset: number;
}
interface JsonArray {
  readonly type: 'array';
  readonly offset: number;
  readonly items: readonly JsonNode[];
}
export interface JsonObject {
  readonly type: 'object';
  readonly offset: number;
  readonly members: ReadonlyMap<string, JsonMember>;
}
export interface JsonMember {
  readonly keyOffset: number;
  readonly value: JsonNode;
}

/** A policy needs seven levels; more than this is an attack on the stack. */
const MAX_DEPTH = 32;

const WHITE_SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * JSON (RFC 8259) with the position of every value. Keys that occur twice in one object are refused, since readers disagree about
 * which one counts. Throws `MalformedPolicyError` with fault `syntax`.
 */
export function parseJson(text: string): JsonNode {
  let at = 0;

  function fail(offset: number, detail: string): MalformedPolicyError {
    return new MalformedPolicyError('syntax', `Syntax errors in policy: ${detail}.`, positionAt(text, offset));
  }

  function take(pattern: RegExp): string {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  }

  function unexpected(wanted: string): MalformedPolicyError {
    const code = text.codePointAt(at);
    return fail(at, `${wanted}, not ${code === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(code))}`);
  }

  function readEscape(): string {
    const start = at++;
    const letter = text.charAt(at++);
    const simple = ESCAPES.get(letter);
    if (simple !== undefined) return simple;
    const digits = text.slice(at, at + 4);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw fail(start, 'this escape is not one of JSON’s');
    at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  function readText(): JsonText {
    const offset = at++;
    let value = take(PLAIN_TEXT);
    while (text.charAt(at) !== '"') {
      if (at >= text.length) throw fail(offset, 'this string does not end');
      if (text.charAt(at) !== '\\') throw fail(at, 'a control character in a string is written as an escape');
      value += readEscape();
      value += take(PLAIN_TEXT);
    }
    at++;
    return { type: 'string', offset, value };
  }

  function readArray(depth: number): JsonArray {
    const offset = at++;
    const items: JsonNode[] = [];
    take(WHITE_SPACE);
    if (text.charAt(at) === ']') {
      at++;
      return { type: 'array', offset, items };
    }
    for (;;) {
      items.push(readValue(depth + 1));
      const separator = text.charAt(at);
      if (separator !== ',' && separator !== ']') throw unexpected('a list goes on with "," or ends with "]"');
      at++;
      if (separator === ']') return { type: 'array', offset, items };
    }
  }

  function readObject(depth: number): JsonObject {
    const offset = at++;
    const members = new Map<string, JsonMember>();
    take(WHITE_SPACE);
    if (text.charAt(at) === '}') {
      at++;
      return { type: 'object', offset, members };
    }
    for (;;) {
      take(WHITE_SPACE);
      if (text.charAt(at) !== '"') throw unexpected('a name in quotation marks belongs here');
      const key = readText();
      if (members.has(key.value)) throw fail(key.offset, `${JSON.stringify(key.value)} occurs twice in one object`);
      take(WHITE_SPACE);
      if (text.charAt(at) !== ':') throw unexpected('a name is followed by ":"');
      at++;
      members.set(key.value, { keyOffset: key.offset, value: readValue(depth + 1) });
      const separator = text.charAt(at);
      if (separator !== ',' && separator !== '}') throw unexpected('an object goes on with "," or ends with "}"');
      at++;
      if (separator === '}') return { type: 'object', offset, members };
    }
  }

  function readWord(offset: number): JsonNode {
    for (const [word, value] of WORDS) {
      if (!text.startsWith(word, at)) continue;
      at += word.length;
      return value === null ? { type: 'null', offset } : { type: 'boolean', offset, value };
    }
    throw unexpected('a value belongs here');
  }

  /** Reads a value and the white space around it. */
  function readValue(depth: number): JsonNode {
    take(WHITE_SPACE);
    if (depth > MAX_DEPTH) throw fail(at, `it is nested more than ${MAX_DEPTH} levels deep`);
    const node = readBare(depth);
    take(WHITE_SPACE);
    return node;
  }

  function readBare(depth: number): JsonNode {
    const offset = at;
    const first = text.charAt(at);
    if (first === '{') return readObject(depth);
    if (first === '[') return readArray(depth);
    if (first === '"') return readText();
    const number = take(NUMBER);
    return number === '' ? readWord(offset) : { type: 'number', offset, text: number };
  }

  const node = readValue(0);
  if (at < text.length) throw unexpected('nothing follows the policy');
  return node;
}

const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;
