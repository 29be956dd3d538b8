import { QueryShapeSerializer } from '@aws-sdk/core/protocols';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedInput } from '../../../src/aws/protocol/malformed-input.ts';
import { parseForm, parsePairs } from '../../../src/aws/protocol/query/parse-form.ts';
import { compileFormReader } from '../../../src/aws/protocol/query/read-form.ts';
import { readShape } from '../../../src/aws/protocol/shape/read-shape.ts';

const ITEM: [3, string, string, number, string[], unknown[]] = [3, 'ns', 'Item', 0, ['Name', 'Next'], [0, () => ITEM]];
const SCHEMA: [3, string, string, number, string[], unknown[]] = [
  3,
  'ns',
  'Everything',
  0,
  ['Text', 'Number', 'Flag', 'Bytes', 'When', 'List', 'Named', 'Flat', 'Map', 'FlatMap', 'Items', 'Renamed'],
  [
    0,
    1,
    2,
    21,
    4,
    64,
    () => [1, 'ns', 'Named', 0, [0, { xmlName: 'One' }]],
    [64 | 1, { xmlFlattened: 1 }],
    128 | 1,
    [() => [2, 'ns', 'FlatMap', 0, [0, { xmlName: 'K' }], [1, { xmlName: 'V' }]], { xmlFlattened: 1 }],
    () => [1, 'ns', 'Items', 0, () => ITEM],
    [0, { xmlName: 'Other' }],
  ],
];
const read = compileFormReader(readShape(SCHEMA), new Map());

const item = fc.record({ Name: fc.string(), Next: fc.record({ Name: fc.string() }) }, { requiredKeys: [] });
const value = fc.record(
  {
    Text: fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    Number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    Flag: fc.boolean(),
    Bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    When: fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
    List: fc.array(fc.string(), { maxLength: 12 }),
    Named: fc.array(fc.string(), { maxLength: 3 }),
    Flat: fc.array(fc.integer(), { maxLength: 12 }),
    Map: fc.dictionary(fc.string(), fc.integer(), { minKeys: 1, maxKeys: 5 }),
    FlatMap: fc.dictionary(fc.string(), fc.integer(), { minKeys: 1, maxKeys: 5 }),
    Items: fc.array(
      item.filter((one) => Object.keys(one).length > 0 && (one.Next === undefined || 'Name' in one.Next)),
      { maxLength: 3 },
    ),
    Renamed: fc.string(),
  },
  { requiredKeys: [] },
);

test('what the SDK writes is read again (property)', () => {
  fc.assert(
    fc.property(value, (one) => {
      const serializer = new QueryShapeSerializer({
        timestampFormat: { useTrait: true, default: 5 },
        serializeEmptyLists: true,
      });
      // The SDK's type for schemas is narrower than the schemas of its own clients.
      serializer.write(SCHEMA as Parameters<typeof serializer.write>[0], one);
      expect(read(parseForm(String(serializer.flush())))).toEqual(one);
    }),
    { seed: 2010 },
  );
});

test('pairs are decoded, spaces by plus', () => {
  expect(parsePairs('a=b+c&d=%2B%C3%A4&e&=f&g=h=i&&')).toEqual([
    ['a', 'b c'],
    ['d', '+ä'],
    ['e', ''],
    ['', 'f'],
    ['g', 'h=i'],
  ]);
});

test('items come in the order of their numbers, gaps or not', () => {
  expect(read(parseForm('List.member.10=c&List.member.2=b&List.member.1=a'))).toEqual({ List: ['a', 'b', 'c'] });
  expect(read(parseForm('List='))).toEqual({ List: [] });
  expect(read(parseForm('Unknown.member.1=a'))).toEqual({});
});

test.each([
  'Text=a&Text=b',
  'Text=%',
  'Text=%ff',
  'Text=%ED%A0%80',
  'Text.member.1=a',
  'List.member.0=a',
  'List.member.01=a',
  'List.member.x=a',
  'List.member.1=a&List.other.1=b',
  'List=a',
  'Map.entry.1.key=a',
  'Map.entry.1.key=a&Map.entry.1.value=1&Map.entry.2.key=a&Map.entry.2.value=2',
  'Flag=TRUE',
  'Number=0x10',
  'Number=',
  'Bytes=a',
  'When=yesterday',
  'When=2026-13-01T00:00:00Z',
  'a=1&'.repeat(10_001),
])('%s is malformed', (text) => {
  expect(() => read(parseForm(text))).toThrow(MalformedInput);
});
