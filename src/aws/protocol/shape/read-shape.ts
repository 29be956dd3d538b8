import { readTraits } from './read-traits.ts';
import type { Member, OperationShape, Shape } from './shape.ts';

/**
 * Reads the runtime schemas of the SDK's clients (`Encrypt$`): arrays that begin with a number for their kind, simple shapes as numbers,
 * references as functions (@smithy/types, "static schemas"). What has another form throws a TypeError, when the service is defined: the
 * SDK has changed.
 */

const SIMPLE: ReadonlyMap<unknown, Shape> = new Map<unknown, Shape>([
  [0, { kind: 'string' }],
  [1, { kind: 'number' }],
  [2, { kind: 'boolean' }],
  [4, { kind: 'timestamp', format: undefined }],
  [5, { kind: 'timestamp', format: 'date-time' }],
  [6, { kind: 'timestamp', format: 'http-date' }],
  [7, { kind: 'timestamp', format: 'epoch-seconds' }],
  [15, { kind: 'document' }],
  [17, { kind: 'bigInteger' }],
  [21, { kind: 'blob' }],
  // A blob that streams on the client's side; here bodies are whole.
  [42, { kind: 'blob' }],
  ['unit', { kind: 'unit' }],
]);
const LIST_BIT = 64;
const MAP_BIT = 128;
const END = 256;

const NAMED = { simple: 0, list: 1, map: 2, structure: 3, union: 4, error: -3, operation: 9 } as const;

/** Of the array itself: a schema that several operations share is read once. */
const known = new WeakMap<object, Shape>();

function deref(schema: unknown): unknown {
  let value = schema;
  while (typeof value === 'function') value = value();
  return value;
}

/** The schema of a member, apart from the traits it has as one: `[schema, traits]`, or the schema alone. */
function split(reference: unknown): { schema: unknown; traits: unknown[] } {
  const traits: unknown[] = [];
  let value = deref(reference);
  while (Array.isArray(value) && value.length === 2) {
    traits.unshift(value[1]);
    value = deref(value[0]);
  }
  return { schema: value, traits };
}

function member(name: string, reference: unknown): Member {
  let shape: Shape | undefined;
  const { schema, traits } = split(reference);
  // Of the target's own traits only its media type concerns its members: `xmlName`, say, is for roots of documents there.
  const { mediaType } = readTraits(Array.isArray(schema) ? schema[3] : 0);
  return {
    name,
    traits: { ...(mediaType === undefined ? {} : { mediaType }), ...readTraits(...traits) },
    shape: () => {
      shape ??= readShape(schema);
      return shape;
    },
  };
}

function unexpected(schema: unknown): TypeError {
  const head: unknown[] = Array.isArray(schema) ? schema.slice(0, 3) : [typeof schema];
  return new TypeError(`This is not a schema of the AWS SDK that Keyhold knows: ${head.map(String).join(' ')}.`);
}

function readNamed(schema: readonly unknown[]): Shape {
  const [kind, , name] = schema;
  switch (kind) {
    case NAMED.simple:
      return readShape(schema[4]);
    case NAMED.list:
      return { kind: 'list', item: member('member', schema[4]) };
    case NAMED.map:
      return { kind: 'map', key: member('key', schema[4]), value: member('value', schema[5]) };
    case NAMED.structure:
    case NAMED.union:
    case NAMED.error: {
      const [names, references]: unknown[] = schema.slice(4, 6);
      if (typeof name !== 'string' || !Array.isArray(names) || !Array.isArray(references)) throw unexpected(schema);
      const { xmlName, xmlNamespace } = readTraits(schema[3]);
      return {
        kind: 'structure',
        name,
        ...(xmlName === undefined ? {} : { xmlName }),
        ...(xmlNamespace === undefined ? {} : { xmlNamespace }),
        union: kind === NAMED.union,
        members: names.map((memberName, i) => member(String(memberName), references[i])),
      };
    }
    default:
      throw unexpected(schema);
  }
}

export function readShape(reference: unknown): Shape {
  const schema = deref(reference);
  if (typeof schema === 'number' && schema >= LIST_BIT && schema < END) {
    const item = schema & (LIST_BIT - 1);
    return schema < MAP_BIT
      ? { kind: 'list', item: member('member', item) }
      : { kind: 'map', key: member('key', 0), value: member('value', item) };
  }
  const simple = SIMPLE.get(schema);
  if (simple !== undefined) return simple;
  if (!Array.isArray(schema)) throw unexpected(schema);
  let shape = known.get(schema);
  if (shape === undefined) {
    shape = readNamed(schema);
    known.set(schema, shape);
  }
  return shape;
}

export function readOperation(schema: unknown): OperationShape {
  if (!Array.isArray(schema) || schema[0] !== NAMED.operation || typeof schema[2] !== 'string')
    throw unexpected(schema);
  const [, , name, traits, input, output]: unknown[] = schema;
  return { name: String(name), input: readShape(input), output: readShape(output), ...httpOf(traits) };
}

/** `["POST", "/2015-03-31/functions/{FunctionName}/invocations", 200]` */
function httpOf(traits: unknown): Pick<OperationShape, 'http'> {
  const http: unknown = typeof traits === 'object' && traits !== null && 'http' in traits ? traits.http : undefined;
  if (!Array.isArray(http)) return {};
  const [method, uri, status]: unknown[] = http;
  if (typeof method !== 'string' || typeof uri !== 'string') return {};
  return { http: { method, uri, status: typeof status === 'number' ? status : 200 } };
}
