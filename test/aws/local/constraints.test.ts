import { describe, expect, test } from 'vitest';
import { compileConstraints, validationMessage } from '../../../src/aws/local/constraints/check-constraints.ts';
import { readShape } from '../../../src/aws/protocol/shape/read-shape.ts';

const TAG = [3, 'ns', 'Tag', 0, ['TagKey', 'TagValue'], [0, 0]];
const NODE: unknown = [3, 'ns', 'Node', 0, ['Name', 'Next'], [0, () => NODE]];
const INPUT = [
  3,
  'ns',
  'Input',
  0,
  [
    'KeyId',
    'Plaintext',
    'CiphertextBlob',
    'Days',
    'Spec',
    'Tags',
    'TagKeys',
    'Context',
    'ByName',
    'Node',
    'SAMLDocument',
    'Secrets',
  ],
  [
    0,
    21,
    21,
    1,
    0,
    () => [1, 'ns', 'Tags', 0, () => TAG],
    64,
    128,
    () => [2, 'ns', 'ByName', 0, 0, () => TAG],
    () => NODE,
    0,
    64,
  ],
];

const check = compileConstraints(readShape(INPUT), {
  structures: {
    Input: {
      required: ['KeyId'],
      members: {
        KeyId: 'KeyId',
        Plaintext: 'Secret',
        CiphertextBlob: 'Blob',
        Days: 'Days',
        Spec: 'Spec',
        Tags: 'Tags',
        TagKeys: 'TagKeys',
        Context: 'Context',
        SAMLDocument: 'Document',
        Secrets: 'Secrets',
      },
    },
    Tag: { required: ['TagKey', 'TagValue'], members: { TagKey: 'TagKey', TagValue: 'TagValue' } },
    Node: { required: ['Name'], members: { Name: 'TagKey' } },
  },
  shapes: {
    KeyId: { min: 1, max: 5, pattern: '^\\p{ASCII}+$' },
    Secret: { min: 1, max: 2, secret: true },
    Blob: { min: 1, max: 2 },
    Days: { min: 7, max: 30, integer: true },
    Spec: { enum: ['AES_256', 'AES_128'] },
    Tags: { max: 2 },
    TagKeys: { min: 1, max: 2, of: 'TagKey' },
    TagKey: { min: 1, max: 3, pattern: '[a-z]*' },
    TagValue: { max: 3 },
    Context: { key: 'TagKey', value: 'TagValue' },
    Document: { max: 1 },
    Secrets: { of: 'Secret' },
  },
});

const bytes = (length: number): Uint8Array => new Uint8Array(length);
const failed = (rest: string): string => `${rest.replace(' : ', ' failed to satisfy constraint: ')}`;

describe('AWS’s sentences', () => {
  test.each([
    [{}, ["Value null at 'keyId' : Member must not be null"]],
    [{ KeyId: null }, ["Value null at 'keyId' : Member must not be null"]],
    [
      { KeyId: '' },
      [
        "Value '' at 'keyId' : Member must have length greater than or equal to 1",
        "Value '' at 'keyId' : Member must satisfy regular expression pattern: ^\\p{ASCII}+$",
      ],
    ],
    [{ KeyId: 'キー' }, ["Value 'キー' at 'keyId' : Member must satisfy regular expression pattern: ^\\p{ASCII}+$"]],
    [{ KeyId: '123456' }, ["Value '123456' at 'keyId' : Member must have length less than or equal to 5"]],
    [{ Plaintext: bytes(0) }, ["Value at 'plaintext' : Member must have length greater than or equal to 1"]],
    [{ Plaintext: bytes(3) }, ["Value at 'plaintext' : Member must have length less than or equal to 2"]],
    [{ CiphertextBlob: bytes(3) }, ["Value at 'ciphertextBlob' : Member must have length less than or equal to 2"]],
    [{ Days: 6 }, ["Value '6' at 'days' : Member must have value greater than or equal to 7"]],
    [{ Days: 31 }, ["Value '31' at 'days' : Member must have value less than or equal to 30"]],
    [{ Days: 7.5 }, ["Value '7.5' at 'days' : Member must be an integer"]],
    [{ Spec: 'AES-256' }, ["Value 'AES-256' at 'spec' : Member must satisfy enum value set: [AES_256, AES_128]"]],
    [{ Spec: '__proto__' }, ["Value '__proto__' at 'spec' : Member must satisfy enum value set: [AES_256, AES_128]"]],
    [
      { Tags: [{ TagKey: 'a', TagValue: '' }, { TagValue: '1234' }] },
      [
        "Value null at 'tags.2.member.tagKey' : Member must not be null",
        "Value '1234' at 'tags.2.member.tagValue' : Member must have length less than or equal to 3",
      ],
    ],
    [
      { Tags: Array(3).fill({ TagKey: 'a', TagValue: '' }) },
      ["Value at 'tags' : Member must have length less than or equal to 2"],
    ],
    [{ TagKeys: [] }, ["Value '[]' at 'tagKeys' : Member must have length greater than or equal to 1"]],
    [
      { TagKeys: ['a', 'B'] },
      [
        "Value '[a, B]' at 'tagKeys' : Member must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]*, Member must not be null]",
      ],
    ],
    [
      { Context: { A: '1', b: '12345' } },
      [
        "Value '{A=1, b=12345}' at 'context' : Map keys must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]*, Member must not be null]",
        "Value '{A=1, b=12345}' at 'context' : Map value must satisfy constraint: [Member must have length less than or equal to 3, Member must not be null]",
      ],
    ],
    [{ ByName: { x: { TagKey: 'a' } } }, ["Value null at 'byName.x.member.tagValue' : Member must not be null"]],
    [
      { Node: { Name: 'a', Next: { Next: {} } } },
      [
        "Value null at 'node.next.name' : Member must not be null",
        "Value null at 'node.next.next.name' : Member must not be null",
      ],
    ],
    [{ SAMLDocument: 'ab' }, ["Value 'ab' at 'sAMLDocument' : Member must have length less than or equal to 1"]],
    [
      { Secrets: ['hush'] },
      [
        "Value at 'secrets' : Member must satisfy constraint: [Member must have length less than or equal to 2, Member must have length greater than or equal to 1, Member must not be null]",
      ],
    ],
  ])('%o', (input, sentences) => {
    const whole = 'KeyId' in input || Object.keys(input).length === 0 ? input : { KeyId: 'k', ...input };
    expect(check(whole)).toEqual(sentences.map(failed));
  });

  test('one error, or several', () => {
    expect(validationMessage(['a'])).toBe('1 validation error detected: a');
    expect(validationMessage(['a', 'b'])).toBe('2 validation errors detected: a; b');
  });
});

test('what is as the model wants it', () => {
  expect(
    check({
      KeyId: '12345',
      Plaintext: bytes(2),
      Days: 30,
      Spec: 'AES_128',
      Tags: [{ TagKey: 'a', TagValue: '' }],
      TagKeys: ['a', 'b'],
      Context: { a: '' },
      Node: { Name: 'a', Next: { Name: 'b' } },
    }),
  ).toEqual([]);
});

test('strings are counted in characters, not in halves of surrogate pairs', () => {
  const input = (TagValue: string) => ({ KeyId: 'k', Tags: [{ TagKey: 'a', TagValue }] });
  expect(check(input('\u{1f511}\u{1f511}\u{1f511}'))).toEqual([]);
  expect(check(input('\u{1f511}\u{1f511}\u{1f511}\u{1f511}'))).toHaveLength(1);
});

test.each([
  ['[\\w]+', ['a_1'], ['', 'a b', 'a\n']],
  ['^[a-z]+$', ['abc'], ['ABC', 'abc\n']],
  ['a|b', ['a', 'b'], ['ab', 'ac']],
  ['(?i)all|[0-9]{12}', ['ALL', 'all', '123456789012'], ['alls', '1']],
  ['[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*', ['', 'Schlüssel 1/2', '鍵'], ['a\u0000', '<']],
  ['[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+', ['{ "ä": 1 }\n'], ['\u0100', '']],
  ['\\_\\!', ['_!'], ['_']],
])('the pattern %s is Java’s and meant for the whole string', (pattern, good, bad) => {
  const schema = [3, 'ns', 'One', 0, ['Value'], [0]];
  const one = compileConstraints(readShape(schema), {
    structures: { One: { members: { Value: 'Value' } } },
    shapes: { Value: { pattern } },
  });
  for (const Value of good) expect(one({ Value }), Value).toEqual([]);
  for (const Value of bad) expect(one({ Value }), Value).toHaveLength(1);
});
