import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalQuery,
  createRequestSigner,
  deriveSigningKey,
  formatAmzDate,
  type Header,
  type SigV4Request,
  sha256Hex,
  UNSIGNED_PAYLOAD,
  verifyRequest,
} from '../../../src/core/sigv4/index.ts';
import {
  encode,
  type PlainRequest,
  plainRequest,
  region,
  SECRETS,
  sessionToken,
  time,
  toWire,
} from './arbitrary-request.ts';
import { NodeSha256 } from './node-sha256.ts';

const RUNS = { numRuns: 600, seed: 20150830 };
const BODY = 'a body';

const service = fc.constantFrom('s3', 's3express', 'dynamodb', 'execute-api', 'iam', 'lambda');
const isS3 = (name: string): boolean => name === 's3' || name === 's3express';

function authorizationOf(headers: readonly Header[]): string {
  return headers.at(-1)?.[1] ?? '';
}

function smithyRequest(plain: PlainRequest, extraHeaders: Record<string, string>) {
  const wire = toWire(plain);
  return {
    method: plain.method,
    protocol: 'http:',
    hostname: '127.0.0.1',
    path: wire.path,
    query: Object.fromEntries(plain.query.map(([name, values]) => [name, values])),
    headers: { ...Object.fromEntries(wire.headers), ...extraHeaders },
  };
}

function smithySigner(settings: { region: string; service: string; sessionToken: string | undefined }) {
  const { sessionToken: token } = settings;
  return new SignatureV4({
    region: settings.region,
    service: settings.service,
    credentials: { ...SECRETS, ...(token === undefined ? {} : { sessionToken: token }) },
    sha256: NodeSha256,
    uriEscapePath: !isS3(settings.service),
    applyChecksum: isS3(settings.service),
  });
}

const settings = fc.record({ region, service, sessionToken, now: time, plain: plainRequest });

describe('@smithy/signature-v4', () => {
  it('makes the same header signatures, and we accept them', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async ({ plain, now, ...where }) => {
        const request = smithyRequest(plain, {});
        const theirs = await smithySigner(where).sign({ ...request, body: BODY }, { signingDate: new Date(now) });
        const { sessionToken: token, ...scope } = where;
        const signer = createRequestSigner({
          ...SECRETS,
          ...scope,
          ...(token === undefined ? {} : { sessionToken: token }),
        });
        const bodyHash = sha256Hex(BODY);
        const ours = signer.sign(toWire(plain), { now, payloadHash: bodyHash });
        expect(authorizationOf(ours)).toBe(theirs.headers['authorization']);

        const received: SigV4Request = { ...toWire(plain), headers: Object.entries(theirs.headers) };
        const date = formatAmzDate(now).slice(0, 8);
        const signingKey = deriveSigningKey(SECRETS.secretAccessKey, { date, ...scope });
        const verified = verifyRequest(received, { signingKey }, { now: now + 299_000, bodyHash });
        expect(verified.authorization.sessionToken).toBe(token);
      }),
      RUNS,
    );
  });

  it('makes the same presigned queries, and we accept them', async () => {
    const lifetime = fc.integer({ min: 1, max: 604_800 });
    await fc.assert(
      fc.asyncProperty(settings, lifetime, async ({ plain: anyPlain, now, ...where }, expiresIn) => {
        // It moves x-amz-* headers into the query; we leave that to the caller.
        const plain = { ...anyPlain, headers: anyPlain.headers.filter(([name]) => !/^x-amz-/i.test(name)) };
        const s3 = isS3(where.service);
        const theirs = await smithySigner(where).presign(
          smithyRequest(plain, s3 ? { 'X-Amz-Content-Sha256': UNSIGNED_PAYLOAD } : {}),
          { signingDate: new Date(now), expiresIn },
        );
        const theirQuery = Object.entries(theirs.query ?? {})
          .flatMap(([name, values]) => [values ?? ''].flat().map((value) => `${encode(name)}=${encode(value)}`))
          .join('&');

        const { sessionToken: token, ...scope } = where;
        const signer = createRequestSigner({
          ...SECRETS,
          ...scope,
          ...(token === undefined ? {} : { sessionToken: token }),
        });
        const wire = toWire(plain);
        const declared = `X-Amz-Content-Sha256=${UNSIGNED_PAYLOAD}`;
        const query = s3 ? [wire.query, declared].filter((part) => part !== '').join('&') : wire.query;
        const ours = signer.presign({ ...wire, query }, { now, expiresSeconds: expiresIn });
        expect(canonicalQuery(ours)).toBe(canonicalQuery(theirQuery));

        const date = formatAmzDate(now).slice(0, 8);
        const signingKey = deriveSigningKey(SECRETS.secretAccessKey, { date, ...scope });
        const options = { now: now + expiresIn * 1000, ...(s3 ? {} : { bodyHash: sha256Hex('') }) };
        const verified = verifyRequest({ ...wire, query: theirQuery }, { signingKey }, options);
        expect(verified.payload.kind).toBe(s3 ? 'unsigned' : 'body');
      }),
      RUNS,
    );
  });
});

describe('aws4', () => {
  // Where aws4 follows AWS: no doubled query names on S3, no empty names, no empty or dot
  // segments, no slash inside a segment, no Range header (it leaves that out).
  const tame = plainRequest.map((plain) => ({
    ...plain,
    segments: plain.segments.filter(
      (segment) => segment !== '' && segment !== '.' && segment !== '..' && !segment.includes('/'),
    ),
    query: plain.query
      .filter(([name]) => name !== '')
      .map(([name, values]): [string, string[]] => [name, values.slice(0, 1)]),
  }));

  it('makes the same header signatures', () => {
    fc.assert(
      fc.property(
        tame,
        fc.constantFrom('s3', 'dynamodb', 'lambda'),
        region,
        sessionToken,
        time,
        (plain, name, where, token, now) => {
          const wire = toWire(plain);
          const credentials = { ...SECRETS, ...(token === undefined ? {} : { sessionToken: token }) };
          const bodyHash = sha256Hex('');
          const theirs = aws4.sign(
            {
              method: wire.method,
              path: wire.query === '' ? wire.path : `${wire.path}?${wire.query}`,
              service: name,
              region: where,
              headers: {
                ...Object.fromEntries(wire.headers),
                'X-Amz-Date': formatAmzDate(now),
                'X-Amz-Content-Sha256': bodyHash,
              },
            },
            credentials,
          );
          const signer = createRequestSigner({ ...credentials, region: where, service: name });
          const ours = signer.sign(wire, { now, payloadHash: bodyHash, contentSha256Header: true });
          // It does not skip all the headers that the SDKs skip.
          fc.pre(!wire.headers.some(([header]) => /^(cache-control|proxy-|range|user-agent)/i.test(header)));
          expect(authorizationOf(ours)).toBe(theirs.headers?.['Authorization']);
        },
      ),
      RUNS,
    );
  });
});
