import fc from 'fast-check';
import type { SigV4Request } from '../../../src/core/sigv4/index.ts';

/** What a client wants to send, before any encoding. */
export interface PlainRequest {
  method: string;
  segments: string[];
  query: [name: string, values: string[]][];
  headers: [name: string, value: string][];
}

export const SECRETS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** RFC 3986 encoding written without the code under test. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const AWKWARD = [
  '',
  '.',
  '..',
  ' ',
  'a b',
  'a+b',
  'a:b',
  'a%2Fb',
  '%',
  '%zz',
  'é',
  '日本',
  '🔑',
  '~',
  "!'()*",
  'x=y&z',
  '\t',
  '=',
  '"',
];
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom(...AWKWARD));
const printable = fc.string({ unit: fc.constantFrom(...'abcXYZ019 -_.~:/;,="\'\t()'), maxLength: 24 });

export const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH');
export const region = fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1');
export const sessionToken = fc.option(
  fc.string({ unit: fc.constantFrom(...'abcXYZ019/+='), minLength: 1, maxLength: 300 }),
  {
    nil: undefined,
  },
);
/** Any second from 2000 to 2099. */
export const time = fc.integer({ min: 946_684_800, max: 4_102_444_799 }).map((seconds) => seconds * 1000);

const query = fc.uniqueArray(fc.tuple(text, fc.array(text, { minLength: 1, maxLength: 3 })), {
  selector: ([name]) => name,
  maxLength: 5,
});
const headerNames = fc.constantFrom(
  'Content-Type',
  'x-amz-meta-a',
  'X-Amz-Meta-B',
  'x-amz-acl',
  'My-Header',
  'range',
  'User-Agent',
  'cache-control',
  'Proxy-Thing',
  'zzz',
  'X-Amz-Target',
);
const headers = fc.uniqueArray(fc.tuple(headerNames, printable), {
  selector: ([name]) => name.toLowerCase(),
  maxLength: 7,
});

export const plainRequest: fc.Arbitrary<PlainRequest> = fc.record({
  method,
  segments: fc.array(text, { maxLength: 6 }),
  query: query.filter((entries) => entries.every(([name]) => name !== '__proto__' && !/^x-amz-/i.test(name))),
  headers,
});

/** The request on the wire: everything encoded as the SDKs do, Host first. */
export function toWire(plain: PlainRequest, host = 'example.amazonaws.com:4587'): SigV4Request {
  return {
    method: plain.method,
    path: `/${plain.segments.map(encode).join('/')}`,
    query: plain.query.flatMap(([name, values]) => values.map((value) => `${encode(name)}=${encode(value)}`)).join('&'),
    headers: [['Host', host], ...plain.headers],
  };
}

/** The same bytes as Node's HTTP server hands them over. */
export function asLatin1(request: SigV4Request): SigV4Request {
  const bytes = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');
  return {
    method: request.method,
    path: bytes(request.path),
    query: bytes(request.query),
    headers: request.headers.map(([name, value]) => [name, bytes(value)]),
    charset: 'latin1',
  };
}
