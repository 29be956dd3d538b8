import { describe, expect, it } from 'vitest';
import {
  type ChunkedEvent,
  chunkedLength,
  createChunkedDecoder,
  createChunkedEncoder,
  deriveSigningKey,
  encodeTrailers,
  finishHeaderSigning,
  prepareHeaderSigning,
  type SigV4Request,
  STREAMING_SIGNED,
  STREAMING_SIGNED_TRAILER,
  signString,
  streamingHeaders,
  verifyRequest,
} from '../../../src/core/sigv4/index.ts';

// Published in the S3 API reference: "Signature calculations … chunked upload" and "… including trailing headers".
const ACCESS_KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const NOW = Date.UTC(2013, 4, 24);
const SCOPE = { date: '20130524', region: 'us-east-1', service: 's3' };
const DATA = Buffer.alloc(66_560, 'a');

function request(extra: [string, string][]): SigV4Request {
  return {
    method: 'PUT',
    path: '/examplebucket/chunkObject.txt',
    query: '',
    headers: [
      ['Host', 's3.amazonaws.com'],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      ['Content-Encoding', 'aws-chunked'],
      ['x-amz-decoded-content-length', '66560'],
      ...extra,
    ],
  };
}

function decodeAll(events: ChunkedEvent[]): Buffer {
  return Buffer.concat(events.map((event) => (event.type === 'end' ? Buffer.alloc(0) : Buffer.from(event.data))));
}

describe("S3's documented chunked upload", () => {
  const signingKey = deriveSigningKey(SECRET, SCOPE);
  const toSign = request([['Content-Length', '66824']]);
  const prepared = prepareHeaderSigning(toSign, {
    accessKeyId: ACCESS_KEY_ID,
    region: 'us-east-1',
    service: 's3',
    now: NOW,
    payloadHash: STREAMING_SIGNED,
  });
  const seed = signString(signingKey, prepared.stringToSign);
  const context = { timestamp: prepared.timestamp, scopeText: prepared.scopeText, signingKey, seedSignature: seed };

  it('has the seed signature', () => {
    expect(seed).toBe('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
  });

  it('has the chunk signatures and the length', () => {
    const encoder = createChunkedEncoder(context);
    const parts = [
      ...encoder.chunk(DATA.subarray(0, 65_536)),
      ...encoder.chunk(DATA.subarray(65_536)),
      ...encoder.end(),
    ];
    const body = Buffer.concat(parts);
    const text = body.toString('latin1');
    expect(text.match(/(?:10000|400|0);chunk-signature=[0-9a-f]{64}/g)).toEqual([
      '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ]);
    expect(body.length).toBe(66_824);
    expect(chunkedLength(66_560, 65_536, true)).toBe(66_824);

    const signed = { ...toSign, headers: finishHeaderSigning(prepared, seed) };
    const verified = verifyRequest(signed, { signingKey }, { now: NOW });
    expect(verified.payload).toEqual({ kind: 'streaming', hash: STREAMING_SIGNED });
    const { decodedLength, trailerNames } = streamingHeaders(signed, STREAMING_SIGNED);
    const decoder = createChunkedDecoder({
      mode: STREAMING_SIGNED,
      decodedLength,
      trailerNames,
      verification: context,
    });
    const events = decoder.push(body);
    decoder.finish();
    expect(events.map((event) => event.type)).toEqual(['chunk', 'chunk', 'chunk', 'end']);
    expect(decodeAll(events).equals(DATA)).toBe(true);
  });
});

describe("S3's documented chunked upload with a trailer", () => {
  const signingKey = deriveSigningKey(SECRET, SCOPE);
  const prepared = prepareHeaderSigning(request([['x-amz-trailer', 'x-amz-checksum-crc32c']]), {
    accessKeyId: ACCESS_KEY_ID,
    region: 'us-east-1',
    service: 's3',
    now: NOW,
    payloadHash: STREAMING_SIGNED_TRAILER,
  });
  const seed = signString(signingKey, prepared.stringToSign);
  const context = { timestamp: prepared.timestamp, scopeText: prepared.scopeText, signingKey, seedSignature: seed };
  const encoder = createChunkedEncoder(context);
  const trailers = [['x-amz-checksum-crc32c', 'sOO8/Q==']] as const;
  const body = Buffer.concat([
    ...encoder.chunk(DATA.subarray(0, 65_536)),
    ...encoder.chunk(DATA.subarray(65_536)),
    ...encoder.end(trailers),
  ]);

  it('has the seed, chunk and trailer signatures', () => {
    expect(seed).toBe('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');
    const text = body.toString('latin1');
    expect(text.match(/(?<=signature[=:])[0-9a-f]{64}/g)).toEqual([
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
      'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
    ]);
    const trailerLength = encodeTrailers(trailers, 'd'.repeat(64)).length;
    expect(chunkedLength(66_560, 65_536, true, trailerLength)).toBe(body.length);
  });

  it.each([
    ['as SDKs write it', (text: string) => text],
    ['with an empty line before the trailers', (text: string) => text.replace('x-amz-checksum', '\r\nx-amz-checksum')],
    ['with LF and an empty line after a trailer', (text: string) => text.replace('==\r\n', '==\n\r\n')],
  ])('decodes %s', (_how, change) => {
    const decoder = createChunkedDecoder({
      mode: STREAMING_SIGNED_TRAILER,
      decodedLength: DATA.length,
      trailerNames: ['x-amz-checksum-crc32c'],
      verification: context,
    });
    const events = decoder.push(Buffer.from(change(body.toString('latin1')), 'latin1'));
    decoder.finish();
    expect(decodeAll(events).equals(DATA)).toBe(true);
    const last = events.at(-1);
    expect(last?.type === 'end' && last.section.trailers).toEqual(trailers);
  });
});
