import { MalformedInput } from '../malformed-input.ts';
import { fromBase64, parseBigInteger, parseBoolean, parseNumber, parseTimestamp } from '../scalars.ts';
import type { ListShape, MapShape, Shape, StructureShape } from '../shape/shape.ts';
import type { FormNode } from './parse-form.ts';

/** Turns parameters into what the SDK's types describe (AWS Query protocol). Throws MalformedInput. */
export type FormReader = (node: FormNode) => unknown;
export type FormReaders = Map<Shape, FormReader>;

const INDEX = /^[1-9]\d{0,5}$/;

export function compileFormReader(shape: Shape, readers: FormReaders): FormReader {
  const known = readers.get(shape);
  if (known !== undefined) return known;
  // A shape that contains itself meets this before its own reader is made.
  readers.set(shape, (node) => compiled(node));
  const compiled = compile(shape, readers);
  readers.set(shape, compiled);
  return compiled;
}

function scalar(parse: (text: string) => unknown): FormReader {
  return ({ value, children }) => {
    if (children.size > 0 || value === undefined) throw new MalformedInput('A parameter has parts where it has none.');
    return parse(value);
  };
}

function compile(shape: Shape, readers: FormReaders): FormReader {
  switch (shape.kind) {
    case 'string':
      return scalar((text) => text);
    case 'number':
      return scalar(parseNumber);
    case 'boolean':
      return scalar(parseBoolean);
    case 'bigInteger':
      return scalar(parseBigInteger);
    case 'blob':
      return scalar(fromBase64);
    case 'timestamp':
      return scalar((text) => parseTimestamp(text, shape.format ?? 'date-time'));
    case 'unit':
      return () => ({});
    case 'document':
      throw new TypeError('Forms have no form for documents.');
    case 'list':
      return listReader(shape, shape.item.traits.xmlName ?? 'member', readers);
    case 'map':
      return mapReader(shape, false, readers);
    case 'structure':
      return structureReader(shape, readers);
  }
}

/** The children that are numbered, in their order; gaps are as good as none. */
function numbered({ value, children }: FormNode): FormNode[] {
  // `Tags=` is how an empty list is written.
  if (value !== undefined && value !== '') throw new MalformedInput('A list has a value of its own.');
  return [...children]
    .map(([label, node]) => {
      if (!INDEX.test(label)) throw new MalformedInput(`"${label.slice(0, 40)}" is not the number of an item.`);
      return [Number(label), node] as const;
    })
    .sort(([a], [b]) => a - b)
    .map(([, node]) => node);
}

/** The node under which items or entries are numbered; none in an empty list. */
function under(node: FormNode, label: string): FormNode {
  for (const name of node.children.keys()) {
    if (name !== label) throw new MalformedInput(`"${name.slice(0, 40)}" is not a part of a list or map.`);
  }
  return (
    node.children.get(label) ?? { children: new Map(), ...(node.value === undefined ? {} : { value: node.value }) }
  );
}

/** `label` stands between the list's name and the number; flattened lists have none. */
function listReader({ item }: ListShape, label: string | undefined, readers: FormReaders): FormReader {
  const read = compileFormReader(item.shape(), readers);
  return (node) => numbered(label === undefined ? node : under(node, label)).map(read);
}

function mapReader({ key, value }: MapShape, flattened: boolean, readers: FormReaders): FormReader {
  const read = compileFormReader(value.shape(), readers);
  const keyName = key.traits.xmlName ?? 'key';
  const valueName = value.traits.xmlName ?? 'value';
  return (node) => {
    const map: Record<string, unknown> = Object.create(null);
    for (const entry of numbered(flattened ? node : under(node, 'entry'))) {
      const name = entry.children.get(keyName)?.value;
      const content = entry.children.get(valueName);
      if (name === undefined || content === undefined) {
        throw new MalformedInput(`An entry of a map needs ${keyName} and ${valueName}.`);
      }
      if (Object.hasOwn(map, name)) throw new MalformedInput('A map has the same key twice.');
      map[name] = read(content);
    }
    return map;
  };
}

function structureReader(shape: StructureShape, readers: FormReaders): FormReader {
  const members = shape.members.map((member) => {
    const target = member.shape();
    const flattened = member.traits.xmlFlattened;
    let read: FormReader;
    if (flattened && target.kind === 'list') read = listReader(target, undefined, readers);
    else if (flattened && target.kind === 'map') read = mapReader(target, true, readers);
    else read = compileFormReader(target, readers);
    return { name: member.name, key: member.traits.xmlName ?? member.name, read };
  });
  return ({ children }) => {
    const structure: Record<string, unknown> = {};
    for (const { name, key, read } of members) {
      const node = children.get(key);
      if (node !== undefined) structure[name] = read(node);
    }
    return structure;
  };
}
