import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedPolicyError } from '../../../src/core/iam/index.ts';
import { type JsonNode, parseJson } from '../../../src/core/iam/json.ts';

/** The plain value of a node, as JSON.parse gives it. */
function plain(node: JsonNode): unknown {
  switch (node.type) {
    case 'object':
      return Object.fromEntries([...node.members].map(([key, { value }]) => [key, plain(value)]));
    case 'array':
      return node.items.map(plain);
    case 'number':
      return Number(node.text);
    case 'null':
      return null;
    default:
      return node.value;
  }
}

function fault(text: string): MalformedPolicyError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error;
    throw error;
  }
  throw new Error(`accepted ${text}`);
}

function hasTwins(text: string): boolean {
  return /occurs twice/.test(fault(text).reason);
}

describe('parseJson', () => {
  it('agrees with JSON.parse on every JSON text, however it is indented', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t', ' \n'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        // Compared as text: JSON.parse makes `__proto__` a plain member, and −0 is 0 in JSON.
        expect(JSON.stringify(plain(parseJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 1000, seed: 61 },
    );
  });

  it('accepts of broken JSON what JSON.parse accepts, and throws nothing else', () => {
    const token = fc.constantFrom(
      ...['{', '}', '[', ']', ':', ',', '"', '\\', 'u00e9', 'tru', 'null', '-', '0', '1e', '.5', ' ', '\n', '\t', 'ü'],
    );
    const broken = fc
      .tuple(fc.jsonValue({ maxDepth: 3 }), fc.array(fc.tuple(fc.nat(), fc.nat(3), token), { maxLength: 4 }))
      .map(([value, edits]) =>
        edits.reduce((text, [where, remove, insert]) => {
          const at = where % (text.length + 1);
          return text.slice(0, at) + insert + text.slice(at + remove);
        }, JSON.stringify(value)),
      );
    fc.assert(
      fc.property(broken, (text) => {
        let wanted: unknown;
        try {
          wanted = JSON.parse(text);
        } catch {
          expect(fault(text).fault).toBe('syntax');
          return;
        }
        let parsed: JsonNode;
        try {
          parsed = parseJson(text);
        } catch {
          expect(hasTwins(text)).toBe(true);
          return;
        }
        expect(JSON.stringify(plain(parsed))).toBe(JSON.stringify(wanted));
      }),
      { numRuns: 3000, seed: 62 },
    );
  });

  it.each([
    ['', 1, 1, /not the end/],
    ['{"a": }', 1, 7, /a value belongs here, not "}"/],
    ['{\n  "a": 1,\n}', 3, 1, /a name in quotation marks/],
    ['{\n  "a" 1}', 2, 7, /followed by ":"/],
    ['[1 2]', 1, 4, /goes on with "," or ends with "]", not "2"/],
    ['{"a": 1 "b": 2}', 1, 9, /goes on with "," or ends with "}"/],
    ['{"a": "x', 1, 7, /does not end/],
    ['{"a": "x\ny"}', 1, 9, /control character/],
    ['"\\x"', 1, 2, /escape/],
    ['"\\u12g4"', 1, 2, /escape/],
    ['{"a": 1, "b": {"c": 1, "c": 2}}', 1, 24, /"c" occurs twice/],
    ['{"\\u0061": 1, "a": 2}', 1, 15, /"a" occurs twice/],
    ['{} {}', 1, 4, /nothing follows/],
    ['01', 1, 2, /nothing follows/],
    ['NaN', 1, 1, /a value belongs here/],
    [`${'['.repeat(40)}${']'.repeat(40)}`, 1, 34, /nested/],
  ])('refuses %j at line %i, column %i', (text, line, column, reason) => {
    const error = fault(text);
    expect(error.reason).toMatch(/^Syntax errors in policy: /);
    expect(error.reason).toMatch(reason);
    expect(error.position).toEqual({ line, column });
    expect(error.message).toBe(`Line ${line}, column ${column}: ${error.reason}`);
  });

  it('knows where every value stands', () => {
    const root = parseJson('{\n  "a": [true, "x"]\n}');
    if (root.type !== 'object') throw new Error('not an object');
    const member = root.members.get('a');
    expect(member?.keyOffset).toBe(4);
    expect(member?.value).toEqual({
      type: 'array',
      offset: 9,
      items: [
        { type: 'boolean', offset: 10, value: true },
        { type: 'string', offset: 16, value: 'x' },
      ],
    });
  });
});
