import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalHeaders,
  canonicalHeaderValue,
  canonicalPath,
  canonicalQuery,
  formatAmzDate,
  hmacSha256Hex,
  parseAmzDate,
  sameSignature,
  serviceRules,
  sha256Hex,
  uriDecode,
  uriEncode,
  uriNormalize,
} from '../../../src/core/sigv4/index.ts';
import { encode } from './arbitrary-request.ts';

const RUNS = { numRuns: 1000, seed: 4587 };
const unicode = fc.string({ unit: 'grapheme' });
const anything = fc.string({ unit: 'binary' });
const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const S3 = serviceRules('s3');
const OTHER = serviceRules('execute-api');

describe('uriEncode', () => {
  it('agrees with encodeURIComponent made strict', () => {
    fc.assert(
      fc.property(unicode, (text) => {
        expect(uriEncode(text)).toBe(encode(text));
      }),
      RUNS,
    );
  });

  it('is undone by uriDecode', () => {
    fc.assert(
      fc.property(unicode, (text) => {
        expect(uriDecode(uriEncode(text), 'utf8')).toBe(text);
      }),
      RUNS,
    );
  });

  it('encodes Latin-1 byte by byte', () => {
    fc.assert(
      fc.property(unicode, (text) => {
        const bytes = Buffer.from(text, 'utf8').toString('latin1');
        expect(uriEncode(bytes, 'latin1')).toBe(uriEncode(text, 'utf8'));
      }),
      RUNS,
    );
  });
});

describe('uriNormalize', () => {
  const options = { keepSlash: true, plusIsSpace: false };

  it('is stable: normal text stays as it is', () => {
    fc.assert(
      fc.property(anything, fc.boolean(), fc.boolean(), (text, keepSlash, plusIsSpace) => {
        const once = uriNormalize(text, 'utf8', { keepSlash, plusIsSpace });
        expect(uriNormalize(once, 'utf8', { keepSlash, plusIsSpace })).toBe(once);
      }),
      RUNS,
    );
  });

  it('makes every spelling of the same bytes the same', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 2 }))), (spelled) => {
        const text = spelled
          .map(([byte, how]) => {
            const hex = byte.toString(16).padStart(2, '0');
            const plain = String.fromCharCode(byte);
            return how === 0 && plain !== '%' && plain !== '/' ? plain : `%${how === 1 ? hex : hex.toUpperCase()}`;
          })
          .join('');
        const bytes = Buffer.from(spelled.map(([byte]) => byte)).toString('latin1');
        expect(uriNormalize(text, 'latin1', options)).toBe(uriEncode(bytes, 'latin1'));
      }),
      RUNS,
    );
  });

  it.each([
    ['%zz', '%25zz'],
    ['%', '%25'],
    ['%4', '%254'],
    ['%41', 'A'],
    ['%7e', '~'],
    ['a%2fb/c', 'a%2Fb/c'],
    ['a+b', 'a%2Bb'],
    ['%e1%88%b4', '%E1%88%B4'],
  ])('%s → %s', (raw, normal) => {
    expect(uriNormalize(raw, 'utf8', options)).toBe(normal);
  });
});

describe('canonicalPath', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['/bucket//key', '/bucket//key'],
    ['/bucket/./a/../b', '/bucket/./a/../b'],
    ['/bucket/a:b', '/bucket/a%3Ab'],
    ['/bucket/a%3Ab', '/bucket/a%3Ab'],
    ['/bucket/a b', '/bucket/a%20b'],
    ['/bucket/a%20b', '/bucket/a%20b'],
    ['/bucket/a%2520b', '/bucket/a%2520b'],
    ['/tags/arn%3Aaws%3As3%3A%3A%3Aa%2Fb', '/tags/arn%3Aaws%3As3%3A%3A%3Aa%2Fb'],
    ['/bucket/日本', '/bucket/%E6%97%A5%E6%9C%AC'],
  ])('S3: %s → %s', (raw, canonical) => {
    expect(canonicalPath(raw, S3)).toBe(canonical);
  });

  it.each([
    ['', '/'],
    ['//a//', '/a/'],
    ['/a/../..', '/'],
    ['/a/.', '/a'],
    ['/a/b/../c/', '/a/c/'],
    ['/.hidden', '/.hidden'],
    ['/2015-03-31/functions/arn%3Aaws', '/2015-03-31/functions/arn%253Aaws'],
    ['/a b', '/a%20b'],
    ['/a%2Fb', '/a%252Fb'],
  ])('others: %s → %s', (raw, canonical) => {
    expect(canonicalPath(raw, OTHER)).toBe(canonical);
  });

  it('always starts with a slash and holds only what a canonical path may', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(S3, OTHER), fc.constantFrom('utf8', 'latin1'), (raw, rules, charset) => {
        expect(canonicalPath(raw, rules, charset)).toMatch(/^\/(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})*$/);
      }),
      RUNS,
    );
  });
});

describe('canonicalQuery', () => {
  it.each([
    ['', ''],
    ['a', 'a='],
    ['a=', 'a='],
    ['=x', '=x'],
    ['a&&b', 'a=&b='],
    ['&', ''],
    ['b=1&a=2&b=0', 'a=2&b=0&b=1'],
    ['a-b=1&a=2', 'a=2&a-b=1'],
    ['a=b=c', 'a=b%3Dc'],
    ['a=b+c', 'a=b%20c'],
    ['a=b%2Bc', 'a=b%2Bc'],
    ['a=%7e%41', 'a=~A'],
    ['%C3%A9=1&z=2&A=3', '%C3%A9=1&A=3&z=2'],
    ['uploads', 'uploads='],
  ])('%s → %s', (raw, canonical) => {
    expect(canonicalQuery(raw)).toBe(canonical);
  });

  it('does not depend on the order and is stable', () => {
    fc.assert(
      fc.property(fc.array(anything.filter((part) => !part.includes('&'))), (parts) => {
        const canonical = canonicalQuery(parts.join('&'));
        expect(canonicalQuery(parts.toReversed().join('&'))).toBe(canonical);
        expect(canonicalQuery(canonical)).toBe(canonical);
      }),
      RUNS,
    );
  });
});

describe('canonical headers', () => {
  it('trims and collapses like a regular expression would', () => {
    const spaced = fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n', 'a', '"', 'é') });
    fc.assert(
      fc.property(spaced, (value) => {
        expect(canonicalHeaderValue(value)).toBe(value.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, ''));
      }),
      RUNS,
    );
  });

  it('sorts names, joins doubles in their order and leaves out what is not signed', () => {
    const { block, names } = canonicalHeaders(
      [
        ['X-B', '2'],
        ['Host', 'h'],
        ['x-a', ' 1  1 '],
        ['X-B', '1'],
        ['Skipped', 's'],
        ['Proxy-Connection', 'p'],
      ],
      new Set(['skipped']),
    );
    expect(names).toBe('host;x-a;x-b');
    expect(block).toBe('host:h\nx-a:1 1\nx-b:2,1\n');
  });
});

describe('times', () => {
  it('formats what it parses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_799 }), (seconds) => {
        expect(parseAmzDate(formatAmzDate(seconds * 1000))).toBe(seconds * 1000);
        expect(formatAmzDate(seconds * 1000 + 999)).toBe(formatAmzDate(seconds * 1000));
      }),
      RUNS,
    );
  });

  it.each([
    '',
    '20150830T123600',
    '2015-08-30T12:36:00Z',
    '20150230T000000Z',
    '20150830T240000Z',
    '20150830T126000Z',
    '20151330T000000Z',
  ])('refuses %s', (text) => {
    expect(parseAmzDate(text)).toBeNull();
  });
});

describe('hashes', () => {
  it('computes HMAC as node:crypto does, whatever the lengths', () => {
    const key = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(key, fc.string({ unit: 'grapheme', maxLength: 700 }), (bytes, message) => {
        expect(hmacSha256Hex(bytes, message)).toBe(createHmac('sha256', bytes).update(message).digest('hex'));
      }),
      RUNS,
    );
    for (const length of [511, 512, 513, 4096]) {
      const message = '日'.repeat(length);
      const expected = createHmac('sha256', Buffer.alloc(64, 1)).update(message).digest('hex');
      expect(hmacSha256Hex(Buffer.alloc(64, 1), message)).toBe(expected);
    }
  });

  it('compares signatures', () => {
    const one = sha256Hex('1');
    expect(sameSignature(one, sha256Hex('1'))).toBe(true);
    expect(sameSignature(one, sha256Hex('2'))).toBe(false);
    expect(sameSignature(one, one.slice(1))).toBe(false);
    expect(sameSignature('', '')).toBe(false);
    // A character beyond Latin-1 must not pass for the one it would be cut down to.
    expect(sameSignature(one, `${String.fromCharCode(one.charCodeAt(0) + 256)}${one.slice(1)}`)).toBe(false);
  });

  it('never fails on any text', () => {
    fc.assert(
      fc.property(latin1, anything, (bytes, text) => {
        expect(typeof uriDecode(bytes, 'latin1')).toBe('string');
        expect(typeof uriDecode(text, 'utf8')).toBe('string');
        expect(typeof canonicalQuery(text, 'utf8')).toBe('string');
      }),
      RUNS,
    );
  });
});
