import type { Header } from './types.ts';

const SPACE = 0x20;
const TAB = 0x09;

function isSpace(code: number): boolean {
  // Space, tab, LF, VT, FF, CR
  return code === SPACE || (code >= TAB && code <= 0x0d);
}

/** A header's value trimmed, with every run of white space made one space. */
export function canonicalHeaderValue(value: string): string {
  let previousIsSpace = true; // leading space
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > SPACE) {
      previousIsSpace = false;
    } else if (isSpace(code)) {
      if (previousIsSpace || code !== SPACE) return collapse(value);
      previousIsSpace = true;
    }
  }
  return previousIsSpace && value !== '' ? collapse(value) : value;
}

function collapse(value: string): string {
  return value.replace(/[ \t\n\v\f\r]+/g, ' ').replace(/^ | $/g, '');
}

export interface CanonicalHeaders {
  /** `name:value\n` for each header, sorted by name. */
  readonly block: string;
  /** Names joined by `;`. */
  readonly names: string;
}

/**
 * Canonical and signed headers (SigV4, "Create a canonical request", steps 4 and 5). Values of a name that occurs more than
 * once are joined with a comma in the order received. Names in `unsigned` (lower case), `proxy-*` and `sec-*` are left out.
 */
export function canonicalHeaders(headers: readonly Header[], unsigned: ReadonlySet<string>): CanonicalHeaders {
  const names: string[] = [];
  const values: string[] = [];
  for (const [rawName, rawValue] of headers) {
    const name = rawName.toLowerCase();
    if (unsigned.has(name) || name.startsWith('proxy-') || name.startsWith('sec-')) continue;
    const value = canonicalHeaderValue(rawValue);
    // Insertion sort: a request signs few headers, and this keeps equal names together in their order.
    let at = names.length;
    while (at > 0 && (names[at - 1] ?? '') > name) at--;
    if (at > 0 && names[at - 1] === name) {
      values[at - 1] = `${values[at - 1] ?? ''},${value}`;
    } else if (at === names.length) {
      names.push(name);
      values.push(value);
    } else {
      names.splice(at, 0, name);
      values.splice(at, 0, value);
    }
  }
  let block = '';
  for (let i = 0; i < names.length; i++) block += `${names[i] ?? ''}:${values[i] ?? ''}\n`;
  return { block, names: names.join(';') };
}
