import { isUtf8 } from 'node:buffer';
import { MalformedInput } from '../malformed-input.ts';

/** An element without its namespace prefix; attributes keep theirs (`xsi:type`). */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Character data directly inside, in order. */
  readonly text: string;
}

/** An element that has not been closed yet. */
interface Open {
  /** With its prefix, as the closing tag has to repeat it. */
  readonly qualified: string;
  readonly element: { name: string; attributes: Map<string, string>; children: XmlElement[]; text: string };
}

const MAX_DEPTH = 64;
const NAME = /[A-Za-z_:][A-Za-z0-9_:.-]*/y;
const SPACE = /[ \t\r\n]*/y;
const ATTRIBUTE = /[ \t\r\n]+([A-Za-z_:][A-Za-z0-9_:.-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
/** What XML 1.0 allows as a character. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function malformed(what: string): MalformedInput {
  return new MalformedInput(`The XML is not well-formed: ${what}.`);
}

function reference(name: string): string {
  const named = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  if (named !== undefined) return named;
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  const code =
    digits === null ? Number.NaN : Number.parseInt(digits[1] ?? digits[2] ?? '', digits[1] === undefined ? 10 : 16);
  if (!(code <= 0x10ffff)) throw malformed('an unknown entity');
  const character = String.fromCodePoint(code);
  if (FORBIDDEN.test(character)) throw malformed('a character that XML does not allow');
  return character;
}

function decode(text: string): string {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (!lines.includes('&')) return lines;
  return lines.replace(/&([^;&]{0,10};?)/g, (_, name: string) => {
    if (!name.endsWith(';')) throw malformed('an ampersand that begins no entity');
    return reference(name.slice(0, -1));
  });
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}

/** A document under the parser's hands: `at` is where reading goes on. */
class Source {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  startsWith(piece: string): boolean {
    return this.text.startsWith(piece, this.at);
  }

  /** Everything up to `end`, which is passed over. */
  upTo(end: string): string {
    const found = this.text.indexOf(end, this.at);
    if (found === -1) throw malformed(`"${end}" is missing`);
    const piece = this.text.slice(this.at, found);
    this.at = found + end.length;
    return piece;
  }

  match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found !== null) this.at = sticky.lastIndex;
    return found;
  }
}

/** Comments, processing instructions and the XML declaration; document types are refused, and with them every entity of one's own. */
function skipMarkup(source: Source): boolean {
  if (source.startsWith('<!--')) {
    source.at += 4;
    source.upTo('-->');
    return true;
  }
  if (source.startsWith('<?')) {
    source.upTo('?>');
    return true;
  }
  if (source.startsWith('<!') && !source.startsWith('<![CDATA[')) throw malformed('a document type is not allowed');
  return false;
}

function openTag(source: Source): Open & { empty: boolean } {
  const qualified = source.match(NAME)?.[0];
  if (qualified === undefined) throw malformed('a tag without a name');
  const attributes = new Map<string, string>();
  for (let found = source.match(ATTRIBUTE); found !== null; found = source.match(ATTRIBUTE)) {
    const name = found[1] ?? '';
    if (attributes.has(name)) throw malformed('an attribute is given twice');
    attributes.set(name, decode(found[2] ?? found[3] ?? ''));
  }
  source.match(SPACE);
  const empty = source.startsWith('/>');
  if (!empty && !source.startsWith('>')) throw malformed('a tag does not end');
  source.at += empty ? 2 : 1;
  return { qualified, element: { name: localName(qualified), attributes, children: [], text: '' }, empty };
}

function closeTag(source: Source, { qualified }: Open): void {
  if (source.match(NAME)?.[0] !== qualified) throw malformed('a tag is closed that is not the last one opened');
  source.match(SPACE);
  if (!source.startsWith('>')) throw malformed('a tag does not end');
  source.at += 1;
}

/**
 * Parses a request's XML (XML 1.0, UTF-8). No document types, so no entities but XML's own five. Throws MalformedInput.
 */
export function parseXml(body: Buffer): XmlElement {
  if (!isUtf8(body)) throw malformed('it is not UTF-8');
  const text = body.toString('utf8');
  const source = new Source(text.startsWith('\u{feff}') ? text.slice(1) : text);
  if (FORBIDDEN.test(source.text)) throw malformed('a character that XML does not allow');
  const open: Open[] = [];
  let root: XmlElement | undefined;
  while (source.at < source.text.length) {
    const last = open.at(-1);
    const inside = last?.element;
    if (!source.startsWith('<')) {
      const end = source.text.indexOf('<', source.at);
      const piece = source.text.slice(source.at, end === -1 ? undefined : end);
      source.at += piece.length;
      if (inside !== undefined) inside.text += decode(piece);
      else if (piece.trim() !== '') throw malformed('text outside of the root element');
    } else if (source.startsWith('</')) {
      if (last === undefined) throw malformed('a tag is closed that was not opened');
      source.at += 2;
      closeTag(source, last);
      open.pop();
    } else if (source.startsWith('<![CDATA[')) {
      if (inside === undefined) throw malformed('text outside of the root element');
      source.at += 9;
      inside.text += source.upTo(']]>').replace(/\r\n?/g, '\n');
    } else if (!skipMarkup(source)) {
      source.at += 1;
      const { element, qualified, empty } = openTag(source);
      if (inside !== undefined) inside.children.push(element);
      else if (root === undefined) root = element;
      else throw malformed('there is more than one root element');
      if (!empty) open.push({ element, qualified });
      if (open.length > MAX_DEPTH) throw malformed(`it is more than ${MAX_DEPTH} levels deep`);
    }
  }
  if (root === undefined || open.length > 0) throw malformed('it ends too early');
  return root;
}
