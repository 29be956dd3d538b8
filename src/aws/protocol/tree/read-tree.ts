import { MalformedInput } from '../malformed-input.ts';
import { wellFormed } from '../scalars.ts';
import type { Member, Shape, StructureShape } from '../shape/shape.ts';
import type { Leaves } from './leaves.ts';
import { wrongNode } from './node-kind.ts';

/** Turns a node of a parsed document into what the SDK's types describe. Throws MalformedInput. */
export type TreeReader = (node: unknown) => unknown;

/** Readers by shape, so that shapes that contain themselves are compiled once. */
export type TreeReaders = Map<Shape, TreeReader>;

function isTree(node: unknown): node is Readonly<Record<string, unknown>> {
  return (
    typeof node === 'object' &&
    node !== null &&
    !Array.isArray(node) &&
    !(node instanceof Uint8Array) &&
    !(node instanceof Date)
  );
}

/** What a shape's nodes are read with; compiled at first use and kept in `readers`. */
export function compileTreeReader(shape: Shape, leaves: Leaves, readers: TreeReaders): TreeReader {
  const known = readers.get(shape);
  if (known !== undefined) return known;
  // A shape that contains itself meets this before its own reader is made.
  readers.set(shape, (node) => compiled(node));
  const compiled = compile(shape, leaves, readers);
  readers.set(shape, compiled);
  return compiled;
}

function compile(shape: Shape, leaves: Leaves, readers: TreeReaders): TreeReader {
  switch (shape.kind) {
    case 'string':
      return (node) => {
        if (typeof node !== 'string') throw wrongNode(node, 'a String');
        return wellFormed(node);
      };
    case 'boolean':
      return (node) => {
        if (typeof node !== 'boolean') throw wrongNode(node, 'a Boolean');
        return node;
      };
    case 'number':
      return leaves.readNumber;
    case 'bigInteger':
      return leaves.readBigInteger;
    case 'blob':
      return leaves.readBlob;
    case 'timestamp':
      return (node) => leaves.readTimestamp(node, shape);
    case 'document':
      return (node) => node;
    case 'unit':
      return () => ({});
    case 'list':
      return listReader(shape.item, leaves, readers);
    case 'map':
      return mapReader(shape.value, leaves, readers);
    case 'structure':
      return structureReader(shape, leaves, readers);
  }
}

function listReader(item: Member, leaves: Leaves, readers: TreeReaders): TreeReader {
  const read = compileTreeReader(item.shape(), leaves, readers);
  return (node) => {
    if (!Array.isArray(node)) {
      if (isTree(node)) throw wrongNode(node, 'a List');
      throw new MalformedInput('Expected list or null');
    }
    // AWS drops nulls in lists that are not marked as sparse, and none of the services here has a sparse one.
    return node.filter((one: unknown) => one !== null && one !== undefined).map((one: unknown) => read(one));
  };
}

function mapReader(value: Member, leaves: Leaves, readers: TreeReaders): TreeReader {
  const read = compileTreeReader(value.shape(), leaves, readers);
  return (node) => {
    if (!isTree(node)) {
      if (Array.isArray(node)) throw wrongNode(node, 'a Map');
      throw new MalformedInput('Expected map or null');
    }
    // Without a prototype: the keys are the caller's, and `__proto__` is one that they may send.
    const map: Record<string, unknown> = Object.create(null);
    for (const key of Object.keys(node)) {
      const one = node[key];
      if (one !== null && one !== undefined) map[wellFormed(key)] = read(one);
    }
    return map;
  };
}

function structureReader(shape: StructureShape, leaves: Leaves, readers: TreeReaders): TreeReader {
  const members = shape.members.map((member) => ({
    name: member.name,
    key: leaves.keyOf(member),
    read: compileTreeReader(member.shape(), leaves, readers),
  }));
  // Members that the model does not know are passed over, as AWS does: clients of tomorrow send them.
  return (node) => {
    if (!isTree(node)) {
      if (Array.isArray(node)) throw wrongNode(node, 'a structure');
      throw new MalformedInput('Expected structure or null');
    }
    const structure: Record<string, unknown> = {};
    for (const { name, key, read } of members) {
      const one = node[key];
      if (one !== null && one !== undefined) structure[name] = read(one);
    }
    if (shape.union && Object.keys(structure).length !== 1) {
      throw new MalformedInput(`Exactly one member of the union ${shape.name} has to be set.`);
    }
    return structure;
  };
}
