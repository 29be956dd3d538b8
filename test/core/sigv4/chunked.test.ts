import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChunkedDecoderOptions,
  type ChunkedEvent,
  chunkedLength,
  chunkStringToSign,
  createChunkedDecoder,
  createChunkedEncoder,
  deriveSigningKey,
  encodeSignedChunk,
  encodeTrailers,
  hmacSha256Hex,
  replaceTrailerSignature,
  SigV4Error,
  type SigV4ErrorCode,
  STREAMING_SIGNED,
  STREAMING_SIGNED_TRAILER,
  STREAMING_UNSIGNED_TRAILER,
  streamingHeaders,
  trailerStringToSign,
} from '../../../src/core/sigv4/index.ts';

const SCOPE = { date: '20260115', region: 'us-east-1', service: 's3' };
const CONTEXT = {
  timestamp: '20260115T120000Z',
  scopeText: '20260115/us-east-1/s3/aws4_request',
  signingKey: deriveSigningKey('secret', SCOPE),
  seedSignature: 'ab'.repeat(32),
};
const TRAILER = ['x-amz-checksum-crc32', 'AAAAAA=='] as const;
const MODES = [STREAMING_SIGNED, STREAMING_SIGNED_TRAILER, STREAMING_UNSIGNED_TRAILER] as const;
type Mode = (typeof MODES)[number];

const isSigned = (mode: Mode): boolean => mode !== STREAMING_UNSIGNED_TRAILER;
const trailersOf = (mode: Mode): readonly (readonly [string, string])[] => (mode === STREAMING_SIGNED ? [] : [TRAILER]);

function encodeBody(mode: Mode, chunks: readonly Uint8Array[]): Buffer {
  if (isSigned(mode)) {
    const encoder = createChunkedEncoder(CONTEXT);
    const parts = chunks.flatMap((chunk) => encoder.chunk(chunk));
    return Buffer.concat([...parts, ...encoder.end(mode === STREAMING_SIGNED ? undefined : trailersOf(mode))]);
  }
  const parts = chunks.map((chunk) =>
    Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
  );
  return Buffer.concat([...parts, Buffer.from('0\r\n'), encodeTrailers(trailersOf(mode))]);
}

function optionsOf(mode: Mode, decodedLength: number): ChunkedDecoderOptions {
  return {
    mode,
    decodedLength,
    trailerNames: trailersOf(mode).map(([name]) => name),
    ...(isSigned(mode) ? { verification: CONTEXT } : {}),
  };
}

/** Feeds `body` in pieces cut at `cuts` and finishes. */
function decode(options: ChunkedDecoderOptions, body: Uint8Array, cuts: readonly number[] = []): ChunkedEvent[] {
  const decoder = createChunkedDecoder(options);
  const events: ChunkedEvent[] = [];
  let start = 0;
  for (const cut of [...cuts.map((at) => at % (body.length + 1)).toSorted((a, b) => a - b), body.length]) {
    // A copy: what the decoder keeps must not change under it when the piece is overwritten.
    const piece = Buffer.from(body.subarray(start, cut));
    for (const event of decoder.push(piece)) {
      events.push(event.type === 'end' ? event : { ...event, data: Buffer.from(event.data) });
    }
    piece.fill(0xff);
    start = cut;
  }
  decoder.finish();
  return events;
}

function dataOf(events: readonly ChunkedEvent[]): Buffer {
  return Buffer.concat(events.map((event) => (event.type === 'end' ? new Uint8Array(0) : event.data)));
}

function refusal(run: () => unknown): SigV4Error {
  try {
    run();
  } catch (error) {
    if (error instanceof SigV4Error) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

const mode = fc.constantFrom(...MODES);
const chunk = fc.uint8Array({ minLength: 1, maxLength: 300 });
const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe('aws-chunked', () => {
  it('decodes what was encoded, however the bytes are split', () => {
    fc.assert(
      fc.property(mode, fc.array(chunk, { maxLength: 5 }), cuts, (which, chunks, at) => {
        const data = Buffer.concat(chunks);
        const events = decode(optionsOf(which, data.length), encodeBody(which, chunks), at);
        expect(dataOf(events).equals(data)).toBe(true);
        const last = events.at(-1);
        expect(last?.type === 'end' && last.section.trailers).toEqual(trailersOf(which));
        if (isSigned(which)) {
          const sizes = events.flatMap((event) => (event.type === 'chunk' ? [event.data.length] : []));
          expect(sizes).toEqual([...chunks.map(({ length }) => length), 0]);
        }
      }),
      { numRuns: 600, seed: 64 },
    );
  });

  it('decodes byte by byte', () => {
    for (const which of MODES) {
      const body = encodeBody(which, [Buffer.from('hello '), Buffer.from('world')]);
      const everywhere = Array.from(body, (_byte, at) => at);
      expect(dataOf(decode(optionsOf(which, 11), body, everywhere)).toString()).toBe('hello world');
    }
  });

  it('refuses a signed body with any byte changed', () => {
    const chunks = [Buffer.from('hello '), Buffer.from('wide world')];
    for (const which of MODES.filter(isSigned)) {
      const body = encodeBody(which, chunks);
      for (let at = 0; at < body.length; at++) {
        for (const flip of [0x01, 0x20, 0x80]) {
          const changed = Buffer.from(body);
          changed[at] = (changed[at] ?? 0) ^ flip;
          // Names and sizes read the same in upper case, and white space around a trailer's value is no part of it.
          if (
            changed.toString('latin1').toLowerCase() === body.toString('latin1').toLowerCase() &&
            inCaseless(body, at)
          )
            continue;
          refusal(() => decode(optionsOf(which, 16), changed, [at]));
        }
      }
    }
  });

  /** True inside a chunk's size or a trailer's name, whose case is free. */
  function inCaseless(body: Buffer, at: number): boolean {
    const text = body.toString('latin1');
    const name = text.indexOf(TRAILER[0]);
    const signatureName = text.indexOf('x-amz-trailer-signature');
    const sizeEnds = text.indexOf(';', at);
    const lineStart = text.lastIndexOf('\n', at) + 1;
    return (
      (name !== -1 && at >= name && at < name + TRAILER[0].length) ||
      (signatureName !== -1 && at >= signatureName && at < signatureName + 'x-amz-trailer-signature'.length) ||
      (sizeEnds !== -1 && !text.slice(lineStart, sizeEnds).includes('=') && sizeEnds - lineStart <= 8)
    );
  }

  it('refuses a truncated body', () => {
    for (const which of MODES) {
      const body = encodeBody(which, [Buffer.from('hello '), Buffer.from('world')]);
      for (let length = 0; length < body.length; length++) {
        refusal(() => decode(optionsOf(which, 11), body.subarray(0, length)));
      }
      expect(refusal(() => decode(optionsOf(which, 11), Buffer.concat([body, Buffer.from('x')]))).code).toBe(
        'InvalidRequest',
      );
    }
  });

  it('refuses chunks dropped, swapped or repeated', () => {
    const [one, two] = [Buffer.from('first!'), Buffer.from('second')];
    const encoder = createChunkedEncoder(CONTEXT);
    const first = Buffer.concat(encoder.chunk(one));
    const second = Buffer.concat(encoder.chunk(two));
    const end = Buffer.concat(encoder.end());
    const orders: [Buffer[], number][] = [
      [[second, first, end], 12],
      [[first, end], 6],
      [[first, first, end], 12],
      [[end], 0],
    ];
    for (const [parts, length] of orders) {
      const error = refusal(() => decode(optionsOf(STREAMING_SIGNED, length), Buffer.concat(parts)));
      expect(error.code).toBe('SignatureDoesNotMatch');
    }
  });

  it('keeps refusing after a refusal', () => {
    const decoder = createChunkedDecoder(optionsOf(STREAMING_SIGNED, 11));
    const first = refusal(() => decoder.push(Buffer.from('nonsense\r\n')));
    expect(refusal(() => decoder.push(encodeBody(STREAMING_SIGNED, [Buffer.from('hello world')])))).toBe(first);
    expect(refusal(() => decoder.finish())).toBe(first);
  });

  it.each<[string, Mode, number, string, SigV4ErrorCode]>([
    ['more data than declared', STREAMING_UNSIGNED_TRAILER, 2, '3\r\nabc\r\n0\r\n', 'IncompleteBody'],
    ['less data than declared', STREAMING_UNSIGNED_TRAILER, 4, '3\r\nabc\r\n0\r\n', 'IncompleteBody'],
    ['a chunk longer than its size', STREAMING_UNSIGNED_TRAILER, 3, '2\r\nabc\r\n', 'InvalidChunkSizeError'],
    ['a size that is no hex', STREAMING_UNSIGNED_TRAILER, 3, '0x3\r\nabc\r\n', 'InvalidRequest'],
    ['a negative size', STREAMING_UNSIGNED_TRAILER, 3, '-3\r\nabc\r\n', 'InvalidRequest'],
    ['a size with a space', STREAMING_UNSIGNED_TRAILER, 3, '3 \r\nabc\r\n', 'InvalidRequest'],
    ['an empty size', STREAMING_UNSIGNED_TRAILER, 3, '\r\nabc\r\n', 'InvalidRequest'],
    ['a size that ends in LF', STREAMING_UNSIGNED_TRAILER, 3, '3\nabc\r\n0\r\n', 'InvalidRequest'],
    ['an endless header', STREAMING_UNSIGNED_TRAILER, 3, '0'.repeat(500), 'InvalidRequest'],
    [
      'an extension where nothing is signed',
      STREAMING_UNSIGNED_TRAILER,
      3,
      `3;chunk-signature=${'a'.repeat(64)}\r\n`,
      'InvalidRequest',
    ],
    ['no signature where there must be one', STREAMING_SIGNED, 3, '3\r\nabc\r\n', 'InvalidRequest'],
    ['a second extension', STREAMING_SIGNED, 3, `3;chunk-signature=${'a'.repeat(64)};a=b\r\n`, 'InvalidRequest'],
    [
      'a huge signed chunk',
      STREAMING_SIGNED,
      2 ** 40,
      `ffffffff;chunk-signature=${'a'.repeat(64)}\r\n`,
      'EntityTooLarge',
    ],
    ['a missing trailer', STREAMING_UNSIGNED_TRAILER, 0, '0\r\n\r\n', 'MalformedTrailerError'],
    ['a trailer not announced', STREAMING_UNSIGNED_TRAILER, 0, '0\r\nx-amz-meta-a:1\r\n\r\n', 'MalformedTrailerError'],
    [
      'a trailer twice',
      STREAMING_UNSIGNED_TRAILER,
      0,
      `0\r\n${`${TRAILER.join(':')}\r\n`.repeat(2)}\r\n`,
      'MalformedTrailerError',
    ],
    [
      'a trailer without a colon',
      STREAMING_UNSIGNED_TRAILER,
      0,
      '0\r\nx-amz-checksum-crc32\r\n\r\n',
      'MalformedTrailerError',
    ],
    [
      'a trailer with a control character',
      STREAMING_UNSIGNED_TRAILER,
      0,
      '0\r\nx-amz-checksum-crc32:\u0001\r\n\r\n',
      'MalformedTrailerError',
    ],
    [
      'trailers without end',
      STREAMING_UNSIGNED_TRAILER,
      0,
      `0\r\nx-amz-checksum-crc32:${'A'.repeat(10_000)}`,
      'MalformedTrailerError',
    ],
    [
      'a trailer signature where nothing is signed',
      STREAMING_UNSIGNED_TRAILER,
      0,
      `0\r\nx-amz-trailer-signature:${'a'.repeat(64)}\r\n\r\n`,
      'MalformedTrailerError',
    ],
  ])('refuses %s', (_what, which, length, text, code) => {
    expect(refusal(() => decode(optionsOf(which, length), Buffer.from(text, 'latin1'))).code).toBe(code);
  });

  it('refuses trailers in a stream without', () => {
    const body = encodeBody(STREAMING_SIGNED, [Buffer.from('abc')]).toString('latin1');
    const text = `${body.slice(0, -2)}${TRAILER.join(':')}\r\n\r\n`;
    expect(refusal(() => decode(optionsOf(STREAMING_SIGNED, 3), Buffer.from(text, 'latin1'))).code).toBe(
      'MalformedTrailerError',
    );
  });

  it('limits the size of a signed chunk as told, and of an unsigned one not at all', () => {
    const data = Buffer.alloc(2000, 1);
    const small = { ...optionsOf(STREAMING_SIGNED, 2000), maxChunkBytes: 1999 };
    expect(refusal(() => decode(small, encodeBody(STREAMING_SIGNED, [data]))).code).toBe('EntityTooLarge');
    const unsigned = { ...optionsOf(STREAMING_UNSIGNED_TRAILER, 2000), maxChunkBytes: 1 };
    expect(dataOf(decode(unsigned, encodeBody(STREAMING_UNSIGNED_TRAILER, [data]))).length).toBe(2000);
  });

  it('needs a key for a signed stream', () => {
    expect(() => createChunkedDecoder({ mode: STREAMING_SIGNED, decodedLength: 0 })).toThrow(TypeError);
  });

  it('computes the length of a body before it is written', () => {
    fc.assert(
      fc.property(mode, fc.nat(2000), fc.integer({ min: 1, max: 700 }), (which, length, size) => {
        const data = Buffer.alloc(length, 7);
        const chunks: Buffer[] = [];
        for (let at = 0; at < length; at += size) chunks.push(data.subarray(at, at + size));
        const signature = which === STREAMING_SIGNED_TRAILER ? 'a'.repeat(64) : undefined;
        const trailerLength = encodeTrailers(trailersOf(which), signature).length;
        expect(chunkedLength(length, size, isSigned(which), trailerLength)).toBe(encodeBody(which, chunks).length);
      }),
      { numRuns: 300, seed: 16 },
    );
  });

  it('can be signed anew with another key, in the same length and layout', () => {
    const otherKey = deriveSigningKey('other', SCOPE);
    const other = { ...CONTEXT, signingKey: otherKey, seedSignature: 'cd'.repeat(32) };
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 4 }), cuts, fc.boolean(), (chunks, at, quirky) => {
        const data = Buffer.concat(chunks);
        const original = encodeBody(STREAMING_SIGNED_TRAILER, chunks).toString('latin1');
        // Sizes with leading zeros and an LF before the empty line: both must come out as they went in.
        const received = Buffer.from(
          quirky ? original.replace('0;chunk', '000;chunk').replace('==\r\n', '==\n\r\n') : original,
          'latin1',
        );
        let previous = other.seedSignature;
        const parts: Uint8Array[] = [];
        for (const event of decode(optionsOf(STREAMING_SIGNED_TRAILER, data.length), received, at)) {
          if (event.type === 'chunk') {
            previous = hmacSha256Hex(otherKey, chunkStringToSign(other, previous, event.sha256));
            parts.push(...encodeSignedChunk(event.sizeText, event.data, previous));
          } else if (event.type === 'end' && event.section.signature !== null) {
            const signature = hmacSha256Hex(otherKey, trailerStringToSign(other, previous, event.section.sha256));
            parts.push(replaceTrailerSignature(event.section.raw, event.section.signature.offset, signature));
          }
        }
        const sent = Buffer.concat(parts);
        expect(sent.length).toBe(received.length);
        const again = { ...optionsOf(STREAMING_SIGNED_TRAILER, data.length), verification: other };
        expect(dataOf(decode(again, sent, at)).equals(data)).toBe(true);
        const withoutSignatures = (body: Buffer): string =>
          body.toString('latin1').replace(/(?<=signature[=:])[0-9a-f]{64}/g, '');
        expect(withoutSignatures(sent)).toBe(withoutSignatures(received));
      }),
      { numRuns: 300, seed: 128 },
    );
  });

  it('ends garbage in a SigV4Error and nothing else', () => {
    const bits = fc.constantFrom(
      '0',
      '5',
      'ff',
      '\r\n',
      ';chunk-signature=',
      'a'.repeat(64),
      'x:',
      TRAILER.join(':'),
      '\n',
      'é',
      '',
    );
    fc.assert(
      fc.property(mode, fc.nat(20), fc.array(bits, { maxLength: 14 }), cuts, (which, length, parts, at) => {
        try {
          decode(optionsOf(which, length), Buffer.from(parts.join(''), 'latin1'), at);
        } catch (error) {
          if (!(error instanceof SigV4Error)) throw error;
        }
      }),
      { numRuns: 3000, seed: 256 },
    );
  });
});

describe('streamingHeaders', () => {
  const read = (which: Mode, ...headers: [string, string][]) =>
    streamingHeaders({ method: 'PUT', path: '/', query: '', headers }, which);

  it('reads length and trailer names', () => {
    expect(
      read(STREAMING_UNSIGNED_TRAILER, ['X-Amz-Decoded-Content-Length', ' 12 '], ['x-amz-trailer', 'A, b']),
    ).toEqual({
      decodedLength: 12,
      trailerNames: ['a', 'b'],
    });
  });

  it.each<[string, Mode, [string, string][], SigV4ErrorCode]>([
    ['no length', STREAMING_SIGNED, [], 'MissingContentLength'],
    ['a negative length', STREAMING_SIGNED, [['x-amz-decoded-content-length', '-1']], 'InvalidRequest'],
    ['a hex length', STREAMING_SIGNED, [['x-amz-decoded-content-length', '0x10']], 'InvalidRequest'],
    [
      'two lengths',
      STREAMING_SIGNED,
      [
        ['x-amz-decoded-content-length', '1'],
        ['x-amz-decoded-content-length', '1'],
      ],
      'InvalidRequest',
    ],
    [
      'a doubled trailer',
      STREAMING_UNSIGNED_TRAILER,
      [
        ['x-amz-decoded-content-length', '1'],
        ['x-amz-trailer', 'a,A'],
      ],
      'MalformedTrailerError',
    ],
    [
      'a trailer in a stream without',
      STREAMING_SIGNED,
      [
        ['x-amz-decoded-content-length', '1'],
        ['x-amz-trailer', 'a'],
      ],
      'MalformedTrailerError',
    ],
  ])('refuses %s', (_what, which, headers, code) => {
    expect(refusal(() => read(which, ...headers)).code).toBe(code);
  });
});
