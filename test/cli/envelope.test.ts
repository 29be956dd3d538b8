import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parseContext } from '../../src/cli/envelope/encryption-context.ts';
import { formatBytes, progress, progressLine } from '../../src/cli/envelope/progress.ts';
import { missingFrom } from '../../src/daemon/envelope/missing-from.ts';
import { regionOfKey } from '../../src/daemon/envelope/resolve-keys.ts';

describe('the encryption context', () => {
  test('is pairs with the first = between them', () => {
    expect(parseContext(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
    expect(parseContext([])).toEqual({});
  });

  test.each(['novalue', '=x', 'aws-crypto-public-key=x'])('refuses %s', (pair) => {
    expect(() => parseContext([pair])).toThrow(/context/i);
  });

  test('refuses a key given twice', () => {
    expect(() => parseContext(['a=1', 'a=1'])).toThrow('"a" is given twice');
  });

  test('what a message must carry, it must carry with that value', () => {
    expect(missingFrom({ a: '1', b: '2' }, { a: '1' })).toBeNull();
    expect(missingFrom({ a: '1' }, { a: '2' })).toBe('a=2');
    expect(missingFrom({}, { toString: 'x' })).toBe('toString=x');
  });
});

test('a key’s region is in its ARN and nowhere else', () => {
  expect(regionOfKey('arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-1')).toBe('cn-north-1');
  expect(regionOfKey('arn:aws:kms:eu-west-1:123456789012:alias/a')).toBe('eu-west-1');
  expect(regionOfKey('alias/a')).toBeUndefined();
  expect(regionOfKey('arn:aws:s3:::bucket')).toBeUndefined();
});

describe('progress', () => {
  test('speaks in powers of 1000', () => {
    expect([0, 999, 1000, 9_950_000, 3_200_000_000].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 MB',
      '3.2 GB',
    ]);
  });

  test('is a bar with a known size, a count without', () => {
    expect(progressLine(500, 1000, 1000)).toBe(`${'█'.repeat(12)}${'░'.repeat(12)}  50 %  500 B of 1.0 kB  500 B/s`);
    expect(progressLine(500, undefined, 1000)).toBe('500 B  500 B/s');
  });

  test('passes every byte on, counts them, and stays silent where nobody looks', async () => {
    const out = Object.assign(new PassThrough(), { isTTY: false });
    const counter = progress(3, out as never);
    const seen: Buffer[] = [];
    counter.on('data', (chunk: Buffer) => seen.push(chunk));
    counter.write(Buffer.from('ab'));
    counter.end(Buffer.from('c'));
    await new Promise((resolve) => counter.once('end', resolve));
    expect(Buffer.concat(seen).toString()).toBe('abc');
    expect(counter.bytes).toBe(3);
    expect(out.read()).toBeNull();
  });
});
