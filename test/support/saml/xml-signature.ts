import { createHash, type KeyObject, verify } from 'node:crypto';

/**
 * Verifies an enveloped XML signature (RSA-SHA256, exclusive canonicalization) with a reader and a canonicalizer of its own: the one that the program has for SAML has no part in
 * it. `xmlsec1` judges the same documents in test/aws/saml. No DTDs, comments or processing instructions inside of what is signed.
 */

interface Node {
  prefix: string;
  local: string;
  attributes: { name: string; value: string }[];
  /** Namespaces in scope, by prefix. */
  scope: ReadonlyMap<string, string>;
  children: (Node | string)[];
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const TOKEN = /<\?[^?]*\?>|<\/[\w:.-]+\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|[^<]+/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const resolve = (text: string): string => text.replaceAll(/&(\w+);/g, (_, name: string) => ENTITIES[name] ?? '?');
const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;');
const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#xA;');

export function readXml(text: string): Node {
  const top: Node = { prefix: '', local: '', attributes: [], scope: new Map(), children: [] };
  const open = [top];
  for (const match of text.matchAll(TOKEN)) {
    const [token, name, attributes = '', empty] = match;
    const parent = open.at(-1) ?? top;
    if (token.startsWith('<?')) continue;
    if (token.startsWith('</')) open.pop();
    else if (name === undefined) parent.children.push(resolve(token));
    else {
      const node = element(name, attributes, parent.scope);
      parent.children.push(node);
      if (empty === '') open.push(node);
    }
  }
  const root = top.children.find((one) => typeof one !== 'string');
  if (root === undefined || open.length !== 1) throw new Error('no document');
  return root;
}

function element(name: string, text: string, outer: ReadonlyMap<string, string>): Node {
  const scope = new Map(outer);
  const attributes: Node['attributes'] = [];
  for (const [, key = '', , double, single] of text.matchAll(/([\w:.-]+)\s*=\s*("([^"]*)"|'([^']*)')/g)) {
    const value = resolve(double ?? single ?? '');
    if (key === 'xmlns') scope.set('', value);
    else if (key.startsWith('xmlns:')) scope.set(key.slice(6), value);
    else attributes.push({ name: key, value });
  }
  const [first = '', second] = name.split(':');
  return { prefix: second === undefined ? '' : first, local: second ?? first, attributes, scope, children: [] };
}

export const elementsIn = (node: Node): Node[] => [
  node,
  ...node.children.flatMap((one) => (typeof one === 'string' ? [] : elementsIn(one))),
];
export const attributeOf = (node: Node, name: string): string | undefined =>
  node.attributes.find((one) => one.name === name)?.value;
export const textOf = (node: Node): string =>
  node.children.map((one) => (typeof one === 'string' ? one : textOf(one))).join('');
const namespaceOf = (node: Node): string => node.scope.get(node.prefix) ?? '';

/** Exclusive XML Canonicalization 1.0 without comments; `without` is left out. */
function canonical(node: Node, rendered: ReadonlyMap<string, string>, without?: Node): string {
  const prefixOf = (name: string): string | undefined => (name.includes(':') ? name.split(':')[0] : undefined);
  const used = [node.prefix, ...node.attributes.map(({ name }) => prefixOf(name)).filter((one) => one !== undefined)];
  const declared = [...new Set(used)]
    .map((prefix) => [prefix, node.scope.get(prefix) ?? ''] as const)
    .filter(([prefix, uri]) => (rendered.get(prefix) ?? '') !== uri)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const key = ({ name }: { name: string }): string =>
    `${node.scope.get(prefixOf(name) ?? '\0') ?? ''} ${name.split(':').at(-1)}`;
  const attributes = [...node.attributes].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const inner = new Map([...rendered, ...declared]);
  const name = node.prefix === '' ? node.local : `${node.prefix}:${node.local}`;
  return [
    `<${name}`,
    ...declared.map(([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(uri)}"`),
    ...attributes.map((one) => ` ${one.name}="${escapeAttribute(one.value)}"`),
    '>',
    ...node.children.map((one) => {
      if (typeof one === 'string') return escapeText(one);
      return one === without ? '' : canonical(one, inner, without);
    }),
    `</${name}>`,
  ].join('');
}

/** The assertion, once its own signature is proven. @throws Error that says what does not hold */
export function verifiedAssertion(text: string, publicKey: KeyObject): Node {
  const root = readXml(text);
  const assertions = elementsIn(root).filter(({ local }) => local === 'Assertion');
  const [assertion] = assertions;
  if (assertion === undefined || assertions.length > 1) throw new Error('not one assertion');
  const signature = assertion.children.find(
    (one): one is Node => typeof one !== 'string' && one.local === 'Signature' && namespaceOf(one) === DSIG,
  );
  if (signature === undefined) throw new Error('no signature');
  const find = (local: string): Node => {
    const found = elementsIn(signature).find((one) => one.local === local);
    if (found === undefined) throw new Error(`no ${local}`);
    return found;
  };
  if (attributeOf(find('Reference'), 'URI') !== `#${attributeOf(assertion, 'ID')}`)
    throw new Error('another reference');
  const digest = createHash('sha256')
    .update(canonical(assertion, new Map(), signature))
    .digest('base64');
  if (digest !== textOf(find('DigestValue'))) throw new Error('digest');
  const value = Buffer.from(textOf(find('SignatureValue')), 'base64');
  if (!verify('sha256', Buffer.from(canonical(find('SignedInfo'), new Map())), publicKey, value)) {
    throw new Error('signature');
  }
  return assertion;
}
