import { JsonCodec } from '@aws-sdk/core/protocols';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonLeaves } from '../../../src/aws/protocol/json/json-leaves.ts';
import { parseJson } from '../../../src/aws/protocol/json/parse-json.ts';
import { MalformedInput } from '../../../src/aws/protocol/malformed-input.ts';
import { readOperation, readShape } from '../../../src/aws/protocol/shape/read-shape.ts';
import { compileTreeReader } from '../../../src/aws/protocol/tree/read-tree.ts';
import { compileTreeWriter } from '../../../src/aws/protocol/tree/write-tree.ts';

type Schema = [3 | 4, string, string, number, string[], unknown[]];
const ITEM: Schema = [3, 'ns', 'Item', 0, ['Name', 'Next'], [0, () => ITEM]];
const UNION: Schema = [4, 'ns', 'Union', 0, ['Left', 'Right'], [0, 1]];
const SCHEMA: Schema = [
  3,
  'ns',
  'Everything',
  0,
  [
    'Text',
    'Number',
    'Flag',
    'Bytes',
    'When',
    'DateTime',
    'List',
    'Map',
    'Blobs',
    'Items',
    'ByName',
    'Union',
    'Free',
    'Renamed',
  ],
  [
    0,
    1,
    2,
    21,
    4,
    5,
    64,
    128,
    64 | 21,
    () => [1, 'ns', 'Items', 0, () => ITEM],
    () => [2, 'ns', 'ByName', 0, 0, () => ITEM],
    () => UNION,
    15,
    [0, { jsonName: 'other' }],
  ],
];
const shape = readShape(SCHEMA);
const read = compileTreeReader(shape, jsonLeaves(false), new Map());
const write = compileTreeWriter(shape, jsonLeaves(false), new Map());

const text = fc.string({ unit: 'binary' }).filter((one) => one.isWellFormed());
const item = fc.record({ Name: text, Next: fc.record({ Name: text }) }, { requiredKeys: [] });
const value = fc.record(
  {
    Text: text,
    Number: fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, min: -1e15, max: 1e15 }).map((one) => (Object.is(one, -0) ? 0 : one)),
    ),
    Flag: fc.boolean(),
    Bytes: fc.uint8Array(),
    When: fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
    DateTime: fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
    List: fc.array(text, { maxLength: 4 }),
    Map: fc.dictionary(text, text, { maxKeys: 4 }),
    Blobs: fc.array(fc.uint8Array(), { maxLength: 3 }),
    Items: fc.array(item, { maxLength: 3 }),
    ByName: fc.dictionary(text, item, { maxKeys: 3 }),
    Union: fc.oneof(fc.record({ Left: text }), fc.record({ Right: fc.integer() })),
    Renamed: text,
  },
  { requiredKeys: [] },
);

/** Buffers as what they are a kind of, and objects without prototype as others. */
function plain(one: unknown): unknown {
  if (one instanceof Uint8Array) return Buffer.from(one).toString('hex');
  if (one instanceof Date) return one.toISOString();
  if (Array.isArray(one)) return one.map(plain);
  if (typeof one === 'object' && one !== null) return Object.entries(one).map(([key, inside]) => [key, plain(inside)]);
  return one;
}

const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false });
// The SDK's type for schemas is narrower than the schemas of its own clients.
const theirs = SCHEMA as Parameters<ReturnType<typeof codec.createSerializer>['write']>[0];

describe('JSON by schema, against the SDK’s own codec', () => {
  test('what the SDK writes is read (property)', () => {
    fc.assert(
      fc.property(value, (one) => {
        const serializer = codec.createSerializer();
        serializer.write(theirs, one);
        expect(plain(read(parseJson(Buffer.from(serializer.flush()))))).toEqual(plain(one));
      }),
      { seed: 8259 },
    );
  });
  test('what is written, the SDK reads (property)', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (one) => {
        const bytes = Buffer.from(JSON.stringify(write(one)));
        expect(plain(await codec.createDeserializer().read(theirs, bytes))).toEqual(plain(one));
      }),
      { seed: 8259 },
    );
  });
  test('whatever JSON arrives is read or malformed (property)', () => {
    const names = ['Text', 'Number', 'Bytes', 'When', 'DateTime', 'List', 'Map', 'Items', 'ByName', 'Union', 'Free'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (one) => {
        try {
          read(one);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInput);
        }
      }),
      { seed: 8259, numRuns: 2000 },
    );
  });
});

test('restJson1 renames members, awsJson does not', () => {
  const renaming = compileTreeReader(shape, jsonLeaves(true), new Map());
  expect(renaming({ other: 'a', Renamed: 'b' })).toEqual({ Renamed: 'a' });
  expect(read({ other: 'a', Renamed: 'b' })).toEqual({ Renamed: 'b' });
});

test('a union has exactly one member', () => {
  expect(read({ Union: { Left: 'a' } })).toEqual({ Union: { Left: 'a' } });
  for (const Union of [{}, { Left: 'a', Right: 1 }, { Middle: 1 }]) {
    expect(() => read({ Union })).toThrow('Exactly one member of the union Union has to be set.');
  }
});

test('an answer that the schema cannot carry is a mistake of ours', () => {
  for (const wrong of [
    { Text: 1 },
    { Number: '1' },
    { Flag: 1 },
    { Bytes: 'a' },
    { When: 1 },
    { List: 'a' },
    { Map: 'a' },
    { Items: [1] },
    1,
  ]) {
    expect(() => write(wrong)).toThrow(TypeError);
  }
});

test('a schema of another form is refused when it is read', () => {
  for (const wrong of [99_999, 'unknown', null, [99, 'ns', 'X', 0, 0], [3, 'ns', 'X', 0], {}]) {
    expect(() => readShape(wrong)).toThrow('not a schema of the AWS SDK');
  }
  expect(() => readOperation(SCHEMA)).toThrow('not a schema of the AWS SDK');
});
