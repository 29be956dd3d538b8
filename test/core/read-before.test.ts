import { expect, test } from 'vitest';
import { readBefore } from '../../src/core/read-before.ts';
import { SigV4Error } from '../../src/core/sigv4/errors.ts';
import { parseCredential } from '../../src/core/sigv4/parse-credential.ts';
import { parseSignedHeaders } from '../../src/core/sigv4/parse-signed-headers.ts';

test('reads the same text once, and again after 64 others or when it is long', () => {
  let reads = 0;
  const read = readBefore((text) => {
    reads += 1;
    return { length: text.length };
  });
  expect(read('a')).toEqual({ length: 1 });
  expect(read('a')).toBe(read('a'));
  expect(reads).toBe(1);
  for (let n = 0; n < 64; n++) read(`other ${n}`);
  expect(read('a')).toEqual({ length: 1 });
  expect(reads).toBe(66);
  const long = 'x'.repeat(2000);
  read(long);
  read(long);
  expect(reads).toBe(68);
});

test('what was wrong the first time is wrong the second time, with the code of whoever asks', () => {
  const ask = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      return error instanceof SigV4Error ? [error.code, error.message] : error;
    }
  };
  const host = () => parseSignedHeaders('x-amz-date', 'IncompleteSignature');
  expect(ask(host)).toEqual(ask(host));
  expect(ask(host)).toEqual(['SignatureDoesNotMatch', expect.stringContaining("'Host'")]);
  const order = (code: 'IncompleteSignature' | 'AuthorizationQueryParametersError') =>
    ask(() => parseSignedHeaders('host;a', code));
  expect(order('IncompleteSignature')).toEqual(['IncompleteSignature', expect.stringContaining('ascending')]);
  expect(order('AuthorizationQueryParametersError')).toEqual([
    'AuthorizationQueryParametersError',
    expect.stringContaining('ascending'),
  ]);
  const text = 'AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request';
  const credential = () => parseCredential(text, false, 'IncompleteSignature');
  expect(credential()).toBe(credential());
  // The same text is no credential of SigV4a, though it was read as one of SigV4.
  expect(ask(() => parseCredential(text, true, 'IncompleteSignature'))).toEqual([
    'IncompleteSignature',
    expect.stringContaining('exactly 4'),
  ]);
});
