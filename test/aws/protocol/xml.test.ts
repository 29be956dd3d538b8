import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedInput } from '../../../src/aws/protocol/malformed-input.ts';
import { escapeXml } from '../../../src/aws/protocol/render-error.ts';
import { readShape } from '../../../src/aws/protocol/shape/read-shape.ts';
import { parseXml, type XmlElement } from '../../../src/aws/protocol/xml/parse-xml.ts';
import { compileXmlReader } from '../../../src/aws/protocol/xml/read-xml.ts';
import { compileXmlWriter, element } from '../../../src/aws/protocol/xml/write-xml.ts';

const parse = (text: string): XmlElement => parseXml(Buffer.from(text, 'utf8'));
const leaf = (name: string, text: string): XmlElement => ({ name, text, attributes: new Map(), children: [] });

describe('parseXml', () => {
  test.each([
    ['<a/>', leaf('a', '')],
    ['<a></a>', leaf('a', '')],
    ['<a >x</a >', leaf('a', 'x')],
    ['\u{feff}<?xml version="1.0"?>\n<!-- c --><a><!-- <b> -->x<?pi?>y</a>\n', leaf('a', 'xy')],
    ['<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x1F511;</a>', leaf('a', '<&>"\'A\u{1f511}')],
    ['<a><![CDATA[<b>&amp;]]></a>', leaf('a', '<b>&amp;')],
    ['<a>1\r\n2\r3</a>', leaf('a', '1\n2\n3')],
    ['<s3:a xmlns:s3="u">x</s3:a>', { ...leaf('a', 'x'), attributes: new Map([['xmlns:s3', 'u']]) }],
    [
      "<a b='&quot;' c=\"'\"/>",
      {
        ...leaf('a', ''),
        attributes: new Map([
          ['b', '"'],
          ['c', "'"],
        ]),
      },
    ],
    ['<a> <b>1</b> <b/> </a>', { ...leaf('a', '   '), children: [leaf('b', '1'), leaf('b', '')] }],
  ])('%s', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });
  test.each([
    '',
    'text',
    '<a>',
    '</a>',
    '<a></b>',
    '<a><b></a></b>',
    '<a/><b/>',
    '<a/>x',
    '<a b/>',
    '<a b=c/>',
    '<a b="1" b="2"/>',
    '<a b="<"/>',
    '<a',
    '<1/>',
    '< a/>',
    '<a>&nbsp;</a>',
    '<a>&</a>',
    '<a>&#0;</a>',
    '<a>&#xD800;</a>',
    '<a>&#x110000;</a>',
    '<a>\u0001</a>',
    '<a><!-- </a>',
    '<a><![CDATA[</a>',
    '<!DOCTYPE a><a/>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<a><!ENTITY b "c"></a>',
    '<a>'.repeat(70) + '</a>'.repeat(70),
  ])('%s is malformed', (text) => {
    expect(() => parse(text)).toThrow(MalformedInput);
  });
  test('bytes that are not UTF-8 are malformed', () => {
    expect(() => parseXml(Buffer.from('3c613eff3c2f613e', 'hex'))).toThrow(MalformedInput);
  });
  test('any text survives escaping and parsing (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeXml(text);
        expect(parse(`<a>${escaped}</a>`).text).toBe(
          text
            .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{fffd}')
            .replace(/\r\n?/g, '\n'),
        );
      }),
      { seed: 1998 },
    );
  });
  test('whatever arrives is read or malformed (property)', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      'b',
      '=',
      '"',
      ' ',
      '&',
      ';',
      '&lt;',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '!',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          parse(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInput);
        }
      }),
      { seed: 1998, numRuns: 5000 },
    );
  });
});

/** A schema as the SDK writes it, with everything XML can do to a member. */
const ITEM: unknown = [3, 'ns', 'Item', 0, ['Name', 'Next'], [0, () => ITEM]];
const EVERYTHING = [
  3,
  'ns',
  'Everything',
  { xmlName: 'Root' },
  [
    'Text',
    'Number',
    'Flag',
    'Bytes',
    'When',
    'Http',
    'Epoch',
    'List',
    'Named',
    'Flat',
    'Map',
    'FlatMap',
    'Item',
    'Kind',
    'Big',
  ],
  [
    0,
    1,
    2,
    21,
    4,
    6,
    7,
    64,
    () => [1, 'ns', 'Named', 0, [0, { xmlName: 'One' }]],
    [64 | 1, { xmlFlattened: 1 }],
    128,
    [() => [2, 'ns', 'FlatMap', 0, [0, { xmlName: 'K' }], [1, { xmlName: 'V' }]], { xmlFlattened: 1, xmlName: 'Pair' }],
    () => ITEM,
    [0, { xmlAttribute: 1, xmlName: 'x:kind' }],
    17,
  ],
];
const shape = readShape(EVERYTHING);

describe('XML by schema', () => {
  const value = {
    Text: '<&> ä',
    Number: -1.5,
    Flag: false,
    Bytes: Buffer.from('bytes'),
    When: new Date('2026-01-02T03:04:05.250Z'),
    Http: new Date('2026-01-02T03:04:05Z'),
    Epoch: new Date(250),
    List: ['a', ''],
    Named: ['b'],
    Flat: [1, 2],
    Map: { k: 'v', 'ä<': '' },
    FlatMap: { one: 1, two: 2 },
    Item: { Name: 'a', Next: { Name: 'b', Next: {} } },
    Kind: '"q"',
    Big: 2n ** 70n,
  };
  test('is written', () => {
    expect(element('Root', compileXmlWriter(shape, new Map()), value)).toBe(
      '<Root x:kind="&quot;q&quot;"><Text>&lt;&amp;&gt; ä</Text><Number>-1.5</Number><Flag>false</Flag><Bytes>Ynl0ZXM=</Bytes>' +
        '<When>2026-01-02T03:04:05.250Z</When><Http>Fri, 02 Jan 2026 03:04:05 GMT</Http><Epoch>0.25</Epoch>' +
        '<List><member>a</member><member/></List><Named><One>b</One></Named><Flat>1</Flat><Flat>2</Flat>' +
        '<Map><entry><key>k</key><value>v</value></entry><entry><key>ä&lt;</key><value/></entry></Map>' +
        '<Pair><K>one</K><V>1</V></Pair><Pair><K>two</K><V>2</V></Pair>' +
        '<Item><Name>a</Name><Next><Name>b</Name><Next/></Next></Item><Big>1180591620717411303424</Big></Root>',
    );
  });
  test('is read again', () => {
    const text = element('Root', compileXmlWriter(shape, new Map()), value);
    expect(compileXmlReader(shape, new Map())(parse(text))).toEqual(value);
  });
  test('absent members stay absent, empty lists stay lists, unknown elements are passed over', () => {
    const read = compileXmlReader(shape, new Map());
    expect(read(parse('<Root/>'))).toEqual({});
    expect(read(parse('<Root><List/><Map/><New><Text>x</Text></New></Root>'))).toEqual({ List: [], Map: {} });
  });
  test.each([
    ['<Root><Number>many</Number></Root>', 'For input string: "many"'],
    ['<Root><Flag>1</Flag></Root>', 'A boolean is true or false'],
    ['<Root><Bytes>?</Bytes></Root>', 'not valid base64'],
    ['<Root><When>now</When></Root>', 'not a valid timestamp'],
    ['<Root><Text><b/></Text></Root>', 'holds text only'],
    ['<Root><Text>a</Text><Text>b</Text></Root>', 'given twice'],
    ['<Root><Map><entry><key>k</key></entry></Map></Root>', 'needs key and value'],
    ['<Root><Pair><K>a</K><V>1</V></Pair><Pair><K>a</K><V>2</V></Pair></Root>', 'the same key twice'],
  ])('%s is malformed', (text, why) => {
    expect(() => compileXmlReader(shape, new Map())(parse(text))).toThrow(why);
  });
  test('an answer that the schema cannot carry is a mistake of ours', () => {
    const write = compileXmlWriter(shape, new Map());
    for (const wrong of [
      { Text: 1 },
      { Number: 'a' },
      { List: 'a' },
      { Map: 1 },
      { Item: 1 },
      { When: 1 },
      { Bytes: 'a' },
      null,
    ]) {
      expect(() => write.content(wrong)).toThrow(TypeError);
    }
  });
});
