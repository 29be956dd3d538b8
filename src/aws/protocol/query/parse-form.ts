import { MalformedInput } from '../malformed-input.ts';
import { wellFormed } from '../scalars.ts';

/** A parameter and what its name is a prefix of: `Tags.member.1.Key` is the child `Key` of `1` of `member` of `Tags`. */
export interface FormNode {
  value?: string;
  readonly children: Map<string, FormNode>;
}

const MAX_PARAMETERS = 10_000;
const MAX_DEPTH = 64;

function decode(text: string): string {
  try {
    return wellFormed(decodeURIComponent(text.replaceAll('+', ' ')));
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new MalformedInput('A parameter is not percent-encoded UTF-8.');
  }
}

/** The pairs of a query string or form (application/x-www-form-urlencoded), in order. Throws MalformedInput. */
export function parsePairs(text: string): [name: string, value: string][] {
  if (text === '') return [];
  const pieces = text.split('&').filter((piece) => piece !== '');
  if (pieces.length > MAX_PARAMETERS) throw new MalformedInput(`There are more than ${MAX_PARAMETERS} parameters.`);
  return pieces.map((piece) => {
    const mark = piece.indexOf('=');
    return mark === -1 ? [decode(piece), ''] : [decode(piece.slice(0, mark)), decode(piece.slice(mark + 1))];
  });
}

/** The parameters of an awsQuery request as a tree. A parameter that is given twice is refused: which one counts is for nobody to guess. */
export function parseForm(...texts: readonly string[]): FormNode {
  const root: FormNode = { children: new Map() };
  for (const [name, value] of texts.flatMap(parsePairs)) {
    let node = root;
    const path = name.split('.');
    if (path.length > MAX_DEPTH) throw new MalformedInput(`A parameter's name has more than ${MAX_DEPTH} parts.`);
    for (const label of path) {
      let child = node.children.get(label);
      if (child === undefined) {
        child = { children: new Map() };
        node.children.set(label, child);
      }
      node = child;
    }
    if (node.value !== undefined) throw new MalformedInput(`The parameter ${name} is given twice.`);
    node.value = value;
  }
  return root;
}
