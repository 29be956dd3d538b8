import { MalformedInput } from '../malformed-input.ts';
import { fromBase64, parseBigInteger, parseBoolean, parseNumber, parseTimestamp } from '../scalars.ts';
import type { ListShape, MapShape, Member, Shape, StructureShape } from '../shape/shape.ts';
import type { XmlElement } from './parse-xml.ts';

/** Turns an element into what the SDK's types describe. Throws MalformedInput. */
export type XmlReader = (element: XmlElement) => unknown;
export type XmlReaders = Map<Shape, XmlReader>;

/** What scalars are read with, from text. Undefined for shapes that are no scalars. */
function scalarReader(shape: Shape): ((text: string) => unknown) | undefined {
  switch (shape.kind) {
    case 'string':
      return (text) => text;
    case 'number':
      return (text) => parseNumber(text.trim());
    case 'boolean':
      return (text) => parseBoolean(text.trim());
    case 'bigInteger':
      return (text) => parseBigInteger(text.trim());
    case 'blob':
      return (text) => fromBase64(text.trim());
    case 'timestamp': {
      const { format = 'date-time' } = shape;
      return (text) => parseTimestamp(text.trim(), format);
    }
    default:
      return undefined;
  }
}

/** The readers of elements by shape (restXml: member names or `xmlName`, timestamps as date-time). */
export function compileXmlReader(shape: Shape, readers: XmlReaders): XmlReader {
  const known = readers.get(shape);
  if (known !== undefined) return known;
  // A shape that contains itself meets this before its own reader is made.
  readers.set(shape, (element) => compiled(element));
  const compiled = compile(shape, readers);
  readers.set(shape, compiled);
  return compiled;
}

function compile(shape: Shape, readers: XmlReaders): XmlReader {
  const scalar = scalarReader(shape);
  if (scalar !== undefined) {
    return (element) => {
      if (element.children.length > 0) throw new MalformedInput(`The element ${element.name} holds text only.`);
      return scalar(element.text);
    };
  }
  switch (shape.kind) {
    case 'list': {
      const read = itemsReader(shape, readers);
      const name = shape.item.traits.xmlName ?? 'member';
      return (element) => read(element.children.filter((child) => child.name === name));
    }
    case 'map': {
      const read = entriesReader(shape, readers);
      return (element) => read(element.children.filter((child) => child.name === 'entry'));
    }
    case 'structure':
      return structureReader(shape, readers);
    default:
      throw new TypeError(`XML has no form for the shape ${shape.kind}.`);
  }
}

function itemsReader({ item }: ListShape, readers: XmlReaders): (elements: XmlElement[]) => unknown {
  const read = compileXmlReader(item.shape(), readers);
  return (elements) => elements.map(read);
}

function entriesReader({ key, value }: MapShape, readers: XmlReaders): (elements: XmlElement[]) => unknown {
  const read = compileXmlReader(value.shape(), readers);
  const keyName = key.traits.xmlName ?? 'key';
  const valueName = value.traits.xmlName ?? 'value';
  return (elements) => {
    const map: Record<string, unknown> = Object.create(null);
    for (const entry of elements) {
      const keyElement = entry.children.find((child) => child.name === keyName);
      const valueElement = entry.children.find((child) => child.name === valueName);
      if (keyElement === undefined || valueElement === undefined) {
        throw new MalformedInput(`An entry of a map needs ${keyName} and ${valueName}.`);
      }
      if (Object.hasOwn(map, keyElement.text)) throw new MalformedInput('A map has the same key twice.');
      map[keyElement.text] = read(valueElement);
    }
    return map;
  };
}

type MemberReader = (element: XmlElement) => unknown;

/** Reads one member out of the structure's element; undefined where it is absent. */
function memberReader(member: Member, readers: XmlReaders): MemberReader {
  const name = member.traits.xmlName ?? member.name;
  const shape = member.shape();
  if (member.traits.xmlAttribute) {
    const read = scalarReader(shape);
    if (read === undefined) throw new TypeError(`The attribute ${member.name} has to be a scalar.`);
    return (element) => {
      const text = element.attributes.get(name);
      return text === undefined ? undefined : read(text);
    };
  }
  if (member.traits.xmlFlattened && (shape.kind === 'list' || shape.kind === 'map')) {
    const read = shape.kind === 'list' ? itemsReader(shape, readers) : entriesReader(shape, readers);
    return (element) => {
      const elements = element.children.filter((child) => child.name === name);
      return elements.length === 0 ? undefined : read(elements);
    };
  }
  const read = compileXmlReader(shape, readers);
  return (element) => {
    const found = element.children.filter((child) => child.name === name);
    if (found.length > 1) throw new MalformedInput(`The element ${name} is given twice.`);
    const [one] = found;
    return one === undefined ? undefined : read(one);
  };
}

function structureReader(shape: StructureShape, readers: XmlReaders): XmlReader {
  const members = shape.members.map((member) => ({ name: member.name, read: memberReader(member, readers) }));
  return (element) => {
    const structure: Record<string, unknown> = {};
    for (const { name, read } of members) {
      const value = read(element);
      if (value !== undefined) structure[name] = value;
    }
    if (shape.union && Object.keys(structure).length !== 1) {
      throw new MalformedInput(`Exactly one member of the union ${shape.name} has to be set.`);
    }
    return structure;
  };
}
