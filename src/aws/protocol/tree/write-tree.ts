import type { Shape } from '../shape/shape.ts';
import type { Leaves } from './leaves.ts';

/** Turns an answer of the SDK's types into a document's node. Throws a TypeError for what the schema cannot carry: a handler's mistake. */
export type TreeWriter = (value: unknown) => unknown;
export type TreeWriters = Map<Shape, TreeWriter>;

function wrong(value: unknown, shape: Shape): TypeError {
  return new TypeError(
    `An answer holds ${value === null ? 'null' : typeof value} where its schema says ${shape.kind}.`,
  );
}

/** Any object's properties by name. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function compileTreeWriter(shape: Shape, leaves: Leaves, writers: TreeWriters): TreeWriter {
  const known = writers.get(shape);
  if (known !== undefined) return known;
  // A shape that contains itself meets this before its own writer is made.
  writers.set(shape, (value) => compiled(value));
  const compiled = compile(shape, leaves, writers);
  writers.set(shape, compiled);
  return compiled;
}

function compile(shape: Shape, leaves: Leaves, writers: TreeWriters): TreeWriter {
  switch (shape.kind) {
    case 'string':
      return (value) => {
        if (typeof value !== 'string') throw wrong(value, shape);
        return value;
      };
    case 'boolean':
      return (value) => {
        if (typeof value !== 'boolean') throw wrong(value, shape);
        return value;
      };
    case 'number':
      return (value) => {
        if (typeof value !== 'number') throw wrong(value, shape);
        return leaves.writeNumber(value);
      };
    case 'bigInteger':
      return (value) => {
        if (typeof value !== 'bigint') throw wrong(value, shape);
        return leaves.writeBigInteger(value);
      };
    case 'blob':
      return (value) => {
        if (!(value instanceof Uint8Array)) throw wrong(value, shape);
        return leaves.writeBlob(value);
      };
    case 'timestamp':
      return (value) => {
        if (!(value instanceof Date)) throw wrong(value, shape);
        return leaves.writeTimestamp(value, shape);
      };
    case 'document':
      return (value) => value;
    case 'unit':
      return () => ({});
    case 'list': {
      const write = compileTreeWriter(shape.item.shape(), leaves, writers);
      return (value) => {
        if (!Array.isArray(value)) throw wrong(value, shape);
        return value.map((one: unknown) => write(one));
      };
    }
    case 'map': {
      const write = compileTreeWriter(shape.value.shape(), leaves, writers);
      return (value) => {
        if (!isObject(value)) throw wrong(value, shape);
        const node: Record<string, unknown> = Object.create(null);
        for (const [key, one] of Object.entries(value)) if (one !== undefined) node[key] = write(one);
        return node;
      };
    }
    case 'structure': {
      const members = shape.members.map((member) => ({
        name: member.name,
        key: leaves.keyOf(member),
        write: compileTreeWriter(member.shape(), leaves, writers),
      }));
      return (value) => {
        if (!isObject(value)) throw wrong(value, shape);
        const node: Record<string, unknown> = {};
        for (const { name, key, write } of members) {
          const one = value[name];
          if (one !== undefined && one !== null) node[key] = write(one);
        }
        return node;
      };
    }
  }
}
