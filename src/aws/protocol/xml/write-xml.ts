import { escapeXml } from '../render-error.ts';
import { formatTimestamp, toBase64 } from '../scalars.ts';
import type { MapShape, Member, Shape, StructureShape, XmlNamespace } from '../shape/shape.ts';
import { isObject } from '../tree/write-tree.ts';

/** Writes the inside of an element. Throws a TypeError for what the schema cannot carry: a handler's mistake. */
export interface XmlWriter {
  content(value: unknown): string;
  /** Attributes of the element around it, each with a leading space. */
  attributes?(value: unknown): string;
}
export type XmlWriters = Map<Shape, XmlWriter>;

function wrong(value: unknown, shape: Shape): TypeError {
  return new TypeError(
    `An answer holds ${value === null ? 'null' : typeof value} where its schema says ${shape.kind}.`,
  );
}

function scalarText(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'number':
      if (typeof value === 'number') return String(value);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return String(value);
      break;
    case 'bigInteger':
      if (typeof value === 'bigint') return String(value);
      break;
    case 'blob':
      if (value instanceof Uint8Array) return toBase64(value);
      break;
    case 'timestamp':
      if (value instanceof Date) return formatTimestamp(value, shape.format ?? 'date-time');
      break;
    default:
      break;
  }
  throw wrong(value, shape);
}

/** ` xmlns="…"` with a leading space, or nothing. */
export function namespaceAttribute(xmlNamespace: XmlNamespace | undefined): string {
  if (xmlNamespace === undefined) return '';
  const { prefix, uri } = xmlNamespace;
  return ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeXml(uri)}"`;
}

/** An element around what `writer` makes of the value. */
export function element(name: string, writer: XmlWriter, value: unknown, attributes = ''): string {
  const content = writer.content(value);
  const head = `${name}${attributes}${writer.attributes?.(value) ?? ''}`;
  return content === '' ? `<${head}/>` : `<${head}>${content}</${name}>`;
}

export function compileXmlWriter(shape: Shape, writers: XmlWriters): XmlWriter {
  const known = writers.get(shape);
  if (known !== undefined) return known;
  // A shape that contains itself meets this before its own writer is made.
  writers.set(shape, {
    content: (value) => compiled.content(value),
    attributes: (value) => compiled.attributes?.(value) ?? '',
  });
  const compiled = compile(shape, writers);
  writers.set(shape, compiled);
  return compiled;
}

function compile(shape: Shape, writers: XmlWriters): XmlWriter {
  switch (shape.kind) {
    case 'list': {
      const item = elementWriter(shape.item, shape.item.traits.xmlName ?? 'member', writers);
      return {
        content(value) {
          if (!Array.isArray(value)) throw wrong(value, shape);
          return value.map((one: unknown) => item(one)).join('');
        },
      };
    }
    case 'map': {
      const entries = entriesWriter(shape, 'entry', writers);
      return { content: entries };
    }
    case 'structure':
      return structureWriter(shape, writers);
    case 'document':
      throw new TypeError('XML has no form for documents.');
    case 'unit':
      return { content: () => '' };
    default:
      return { content: (value) => escapeXml(scalarText(shape, value)) };
  }
}

function elementWriter(member: Member, name: string, writers: XmlWriters): (value: unknown) => string {
  const writer = compileXmlWriter(member.shape(), writers);
  const attributes = namespaceAttribute(member.traits.xmlNamespace);
  return (value) => element(name, writer, value, attributes);
}

function entriesWriter(shape: MapShape, name: string, writers: XmlWriters): (value: unknown) => string {
  const key = elementWriter(shape.key, shape.key.traits.xmlName ?? 'key', writers);
  const content = elementWriter(shape.value, shape.value.traits.xmlName ?? 'value', writers);
  return (value) => {
    if (!isObject(value)) throw wrong(value, shape);
    return Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([k, one]) => `<${name}>${key(k)}${content(one)}</${name}>`)
      .join('');
  };
}

/** A member as one element, or several where it is flattened. */
function memberWriter(member: Member, writers: XmlWriters): (value: unknown) => string {
  const name = member.traits.xmlName ?? member.name;
  const shape = member.shape();
  if (member.traits.xmlFlattened && shape.kind === 'list') {
    const item = elementWriter(shape.item, name, writers);
    return (value) => {
      if (!Array.isArray(value)) throw wrong(value, shape);
      return value.map((one: unknown) => item(one)).join('');
    };
  }
  if (member.traits.xmlFlattened && shape.kind === 'map') return entriesWriter(shape, name, writers);
  return elementWriter(member, name, writers);
}

function structureWriter(shape: StructureShape, writers: XmlWriters): XmlWriter {
  const inside = shape.members.filter(({ traits }) => !traits.xmlAttribute);
  const outside = shape.members.filter(({ traits }) => traits.xmlAttribute);
  const elements = inside.map((member) => ({ name: member.name, write: memberWriter(member, writers) }));
  return {
    content(value) {
      if (!isObject(value)) throw wrong(value, shape);
      let text = '';
      for (const { name, write } of elements) {
        const one = value[name];
        if (one !== undefined && one !== null) text += write(one);
      }
      return text;
    },
    attributes(value) {
      if (!isObject(value)) throw wrong(value, shape);
      return outside
        .filter(({ name }) => value[name] !== undefined)
        .map((member) => {
          const name = member.traits.xmlName ?? member.name;
          return ` ${name}="${escapeXml(scalarText(member.shape(), value[member.name]))}"${namespaceAttribute(member.traits.xmlNamespace)}`;
        })
        .join('');
    },
  };
}
