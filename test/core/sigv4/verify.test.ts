import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkForm,
  completeForm,
  createRequestSigner,
  deriveSigningKey,
  deriveV4aKeyPair,
  finishHeaderSigning,
  formatAmzDate,
  type Header,
  prepareHeaderSigning,
  requireMatch,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4Request,
  sha256Hex,
  signV4aString,
  UNSIGNED_PAYLOAD,
  type VerifyOptions,
  verifyRequest,
  verifyRequestWith,
} from '../../../src/core/sigv4/index.ts';
import { asLatin1, plainRequest, region, SECRETS, sessionToken, time, toWire } from './arbitrary-request.ts';

const RUNS = { numRuns: 500, seed: 1914 };
const NOW = Date.UTC(2026, 0, 15, 12);
const WHERE = { region: 'eu-central-1', service: 's3' };
const BODY_HASH = sha256Hex('hello');
const services = fc.constantFrom('s3', 'dynamodb', 'lambda', 's3-outposts');

function keyOf(now: number, where: { region: string; service: string }) {
  const date = formatAmzDate(now).slice(0, 8);
  return { signingKey: deriveSigningKey(SECRETS.secretAccessKey, { date, ...where }) };
}

/** The error that verifying ends in; fails the test if it succeeds or throws anything else. */
function refusal(request: SigV4Request, options: VerifyOptions, key = keyOf(NOW, WHERE)): SigV4Error {
  try {
    verifyRequest(request, key, options);
  } catch (error) {
    if (error instanceof SigV4Error) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

function signed(extra: Header[] = [], path = '/bucket/key', query = ''): SigV4Request {
  const request: SigV4Request = { method: 'PUT', path, query, headers: [['Host', '127.0.0.1:4587'], ...extra] };
  const signer = createRequestSigner({ ...SECRETS, ...WHERE });
  return { ...request, headers: signer.sign(request, { now: NOW, payloadHash: BODY_HASH }) };
}

function presigned(expiresSeconds: number, extra: Header[] = []): SigV4Request {
  const request: SigV4Request = {
    method: 'GET',
    path: '/bucket/key',
    query: '',
    headers: [['Host', '127.0.0.1:4587'], ...extra],
  };
  return {
    ...request,
    query: createRequestSigner({ ...SECRETS, ...WHERE }).presign(request, { now: NOW, expiresSeconds }),
  };
}

/** One thing about a signed request changed. */
const mutations: { name: string; change: (request: SigV4Request) => SigV4Request }[] = [
  { name: 'method', change: (request) => ({ ...request, method: `${request.method}X` }) },
  { name: 'path', change: (request) => ({ ...request, path: `${request.path}x` }) },
  {
    name: 'query',
    change: (request) => ({ ...request, query: request.query === '' ? 'x=1' : `${request.query}&x=1` }),
  },
  {
    name: 'signed header',
    change: (request) => ({
      ...request,
      headers: request.headers.map(([name, value]): Header => [name, name === 'Host' ? `${value}1` : value]),
    }),
  },
];

describe('verifyRequest', () => {
  it('accepts every request we sign, text or bytes, and no changed one', () => {
    fc.assert(
      fc.property(plainRequest, services, region, sessionToken, time, (plain, service, where, token, now) => {
        const scope = { region: where, service };
        const signer = createRequestSigner({
          ...SECRETS,
          ...scope,
          ...(token === undefined ? {} : { sessionToken: token }),
        });
        const request = toWire(plain);
        const options = { now, bodyHash: BODY_HASH };
        const sent = { ...request, headers: signer.sign(request, { now, payloadHash: BODY_HASH }) };
        const key = keyOf(now, scope);
        verifyRequest(sent, key, options);
        verifyRequest(asLatin1(sent), key, options);
        for (const { change } of mutations) {
          expect(refusal(change(sent), options, key).code).toBe('SignatureDoesNotMatch');
        }
        const other = { ...options, bodyHash: sha256Hex('other') };
        expect(refusal(sent, other, key).code).toBe(
          service.startsWith('s3') ? 'XAmzContentSHA256Mismatch' : 'SignatureDoesNotMatch',
        );
        expect(refusal(sent, options, keyOf(now, { region: where, service: 'kms' })).code).toBe(
          'SignatureDoesNotMatch',
        );
      }),
      RUNS,
    );
  });

  it('accepts every URL we presign until it expires, and no changed one', () => {
    const lifetime = fc.integer({ min: 1, max: 604_800 });
    fc.assert(
      fc.property(
        plainRequest,
        services,
        region,
        sessionToken,
        lifetime,
        time,
        (plain, service, where, token, life, now) => {
          const scope = { region: where, service };
          const signer = createRequestSigner({
            ...SECRETS,
            ...scope,
            ...(token === undefined ? {} : { sessionToken: token }),
          });
          const request = toWire(plain);
          const sent = { ...request, query: signer.presign(request, { now, expiresSeconds: life }) };
          const options = { now: now + life * 1000, bodyHash: sha256Hex('') };
          const key = keyOf(now, scope);
          verifyRequest(asLatin1(sent), key, options);
          for (const { change } of mutations) {
            expect(refusal(change(sent), options, key).code).toBe('SignatureDoesNotMatch');
          }
          expect(refusal(sent, { ...options, now: options.now + 1000 }, key)).toMatchObject({
            code: 'AccessDenied',
            message: 'Request has expired',
          });
        },
      ),
      RUNS,
    );
  });

  it('refuses any other signature, digit by digit', () => {
    const request = signed();
    const authorization = request.headers.at(-1)?.[1] ?? '';
    for (let at = authorization.length - 64; at < authorization.length; at++) {
      const digit = authorization[at] === '0' ? '1' : '0';
      const changed: Header = ['Authorization', authorization.slice(0, at) + digit + authorization.slice(at + 1)];
      const headers = [...request.headers.slice(0, -1), changed];
      expect(refusal({ ...request, headers }, { now: NOW }).code).toBe('SignatureDoesNotMatch');
    }
  });

  it('shows what it computed, as S3 does', () => {
    const error = refusal({ ...signed(), method: 'GET' }, { now: NOW });
    expect(error.details['canonicalRequest']).toMatch(/^GET\n\/bucket\/key\n/);
    expect(error.details['stringToSign']).toMatch(/^AWS4-HMAC-SHA256\n20260115T120000Z\n/);
  });

  it.each([
    [300_000, null],
    [-300_000, null],
    [301_000, 'RequestTimeTooSkewed'],
    [-301_000, 'RequestTimeTooSkewed'],
  ])('judges a clock that is %d ms off', (offset, code) => {
    if (code === null)
      expect(verifyRequest(signed(), keyOf(NOW, WHERE), { now: NOW + offset }).payload.kind).toBe('sha256');
    else expect(refusal(signed(), { now: NOW + offset })).toMatchObject({ code, status: 403 });
  });

  it('says outside S3 which way the clock is wrong', () => {
    const where = { region: 'us-east-1', service: 'sts' };
    const request: SigV4Request = { method: 'POST', path: '/', query: '', headers: [['Host', 'localhost']] };
    const headers = createRequestSigner({ ...SECRETS, ...where }).sign(request, { now: NOW, payloadHash: BODY_HASH });
    const late = refusal({ ...request, headers }, { now: NOW + 600_000, bodyHash: BODY_HASH }, keyOf(NOW, where));
    expect(late.message).toBe(
      'Signature expired: 20260115T120000Z is now earlier than 20260115T120500Z (20260115T121000Z - 5 min.)',
    );
    const early = refusal({ ...request, headers }, { now: NOW - 600_000, bodyHash: BODY_HASH }, keyOf(NOW, where));
    expect(early.message).toContain('Signature not yet current');
  });

  it('refuses a presigned URL that is not valid yet', () => {
    expect(refusal(presigned(60), { now: NOW - 301_000 })).toMatchObject({
      code: 'AccessDenied',
      message: 'Request is not yet valid',
    });
    expect(refusal(presigned(60), { now: NOW + 61_000 }).message).toBe('Request has expired');
  });

  it('applies the skew to a presigned URL without a lifetime', () => {
    const where = { region: 'us-east-1', service: 'sts' };
    const request: SigV4Request = {
      method: 'GET',
      path: '/',
      query: 'Action=GetCallerIdentity',
      headers: [['Host', 'sts']],
    };
    const query = createRequestSigner({ ...SECRETS, ...where }).presign(request, { now: NOW, expiresSeconds: 60 });
    const without = { ...request, query: query.replace('&X-Amz-Expires=60', '') };
    const options = { now: NOW + 301_000, bodyHash: sha256Hex('') };
    expect(refusal(without, options, keyOf(NOW, where)).code).toBe('RequestTimeTooSkewed');
    expect(refusal(without, { ...options, now: NOW }, keyOf(NOW, where)).code).toBe('SignatureDoesNotMatch');
  });

  it('refuses x-amz-* headers that are not signed', () => {
    for (const request of [signed(), presigned(60)]) {
      const headers: Header[] = [...request.headers, ['X-Amz-Acl', 'public-read']];
      expect(refusal({ ...request, headers }, { now: NOW })).toMatchObject({
        code: 'AccessDenied',
        details: { headersNotSigned: 'x-amz-acl' },
      });
    }
    const headers: Header[] = [...signed().headers, ['Accept', '*/*']];
    expect(verifyRequest({ ...signed(), headers }, keyOf(NOW, WHERE), { now: NOW }).payload.kind).toBe('sha256');
  });

  it('refuses a second copy of a signed header and a missing one', () => {
    const request = signed([['x-amz-acl', 'private']]);
    const doubled: Header[] = [...request.headers, ['X-Amz-Acl', 'public-read']];
    expect(refusal({ ...request, headers: doubled }, { now: NOW }).code).toBe('SignatureDoesNotMatch');
    const missing = request.headers.filter(([name]) => name !== 'x-amz-acl');
    expect(refusal({ ...request, headers: missing }, { now: NOW })).toMatchObject({
      code: 'SignatureDoesNotMatch',
      message: "The signed header 'x-amz-acl' is missing from the request.",
    });
  });

  it.each<[string, Header[], SigV4ErrorCode]>([
    ['none on S3', [], 'InvalidRequest'],
    [
      'two',
      [
        ['x-amz-content-sha256', BODY_HASH],
        ['X-Amz-Content-Sha256', BODY_HASH],
      ],
      'InvalidRequest',
    ],
    ['nonsense', [['x-amz-content-sha256', 'yes']], 'InvalidArgument'],
    ['an upper-case hash', [['x-amz-content-sha256', BODY_HASH.toUpperCase()]], 'InvalidArgument'],
    ['SigV4a streaming', [['x-amz-content-sha256', 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD']], 'NotImplemented'],
    [
      'SigV4a streaming, trailer',
      [['x-amz-content-sha256', 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER']],
      'NotImplemented',
    ],
    ['event streams', [['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-EVENTS']], 'NotImplemented'],
  ])('refuses a payload declaration that is %s', (_what, declaration, code) => {
    const headers = [...signed().headers.filter(([name]) => name !== 'x-amz-content-sha256'), ...declaration];
    expect(refusal({ ...signed(), headers }, { now: NOW }).code).toBe(code);
  });

  it('reports how the body is covered', () => {
    const request: SigV4Request = { method: 'PUT', path: '/b/k', query: '', headers: [['Host', 'h']] };
    const signer = createRequestSigner({ ...SECRETS, ...WHERE });
    const kinds = [BODY_HASH, UNSIGNED_PAYLOAD, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'].map((payloadHash) => {
      const headers = signer.sign(request, { now: NOW, payloadHash });
      return verifyRequest({ ...request, headers }, keyOf(NOW, WHERE), { now: NOW }).payload;
    });
    expect(kinds).toEqual([
      { kind: 'sha256', hash: BODY_HASH },
      { kind: 'unsigned', hash: UNSIGNED_PAYLOAD },
      { kind: 'streaming', hash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    ]);
  });

  it('asks for the body hash where only that is covered', () => {
    const where = { region: 'us-east-1', service: 'iam' };
    const request: SigV4Request = { method: 'POST', path: '/', query: '', headers: [['Host', 'iam']] };
    const headers = createRequestSigner({ ...SECRETS, ...where }).sign(request, { now: NOW, payloadHash: BODY_HASH });
    expect(refusal({ ...request, headers }, { now: NOW }, keyOf(NOW, where)).code).toBe('InvalidRequest');
    const options = { now: NOW, bodyHash: BODY_HASH };
    expect(verifyRequest({ ...request, headers }, keyOf(NOW, where), options).payload).toEqual({ kind: 'body' });
  });
});

describe('a form that is checked before the body is there', () => {
  const where = { region: 'eu-central-1', service: 'kms' };
  const request: SigV4Request = { method: 'POST', path: '/', query: '', headers: [['Host', '127.0.0.1:4587']] };
  const post = {
    ...request,
    headers: createRequestSigner({ ...SECRETS, ...where }).sign(request, { now: NOW, payloadHash: BODY_HASH }),
  };

  it('is that of verifyRequest once the body has been read', () => {
    const form = checkForm(post, { now: NOW });
    expect(form.payload).toEqual({ kind: 'body' });
    const whole = completeForm(form, { now: NOW, bodyHash: BODY_HASH });
    expect(whole).toEqual(verifyRequest(post, keyOf(NOW, where), { now: NOW, bodyHash: BODY_HASH }));
    expect(() =>
      requireMatch(completeForm(form, { now: NOW, bodyHash: sha256Hex('other') }), keyOf(NOW, where)),
    ).toThrow(SigV4Error);
    expect(() => completeForm(form, { now: NOW })).toThrow(/read and hash the body first/);
  });

  it('is stale when the body took too long', () => {
    const form = checkForm(post, { now: NOW + 299_000 });
    expect(() => completeForm(form, { now: NOW + 301_000, bodyHash: BODY_HASH })).toThrow(/Signature expired/);
  });
});

describe('verifyRequestWith', () => {
  it('leaves the decision to whoever holds the key', async () => {
    const seen: string[] = [];
    const accept = await verifyRequestWith(
      signed(),
      async (prepared) => {
        seen.push(prepared.stringToSign);
        return true;
      },
      { now: NOW },
    );
    expect(seen).toEqual([accept.stringToSign]);
    await expect(verifyRequestWith(signed(), async () => false, { now: NOW })).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});

describe('SigV4a', () => {
  const pair = deriveV4aKeyPair(SECRETS.accessKeyId, SECRETS.secretAccessKey);
  const key = { publicKey: pair.publicKey };

  it('verifies what it signs and nothing changed', () => {
    fc.assert(
      fc.property(plainRequest, services, time, (plain, service, now) => {
        const request = toWire(plain);
        const prepared = prepareHeaderSigning(request, {
          accessKeyId: SECRETS.accessKeyId,
          region: '',
          regionSet: ['us-east-1', 'eu-*'],
          service,
          now,
          payloadHash: BODY_HASH,
        });
        const signature = signV4aString(pair.privateKey, prepared.stringToSign);
        const sent = { ...request, headers: finishHeaderSigning(prepared, signature) };
        const options = { now, bodyHash: BODY_HASH };
        expect(verifyRequest(sent, key, options).authorization).toMatchObject({ regionSet: ['us-east-1', 'eu-*'] });
        for (const { change } of mutations) {
          expect(() => verifyRequest(change(sent), key, options)).toThrow(SigV4Error);
        }
        const headers = sent.headers.map(([name, value]): Header => [name, name === 'X-Amz-Region-Set' ? '*' : value]);
        expect(() => verifyRequest({ ...sent, headers }, key, options)).toThrow(SigV4Error);
      }),
      { ...RUNS, numRuns: 100 },
    );
  });

  it('does not take the key of the other algorithm', () => {
    expect(() => verifyRequest(signed(), key, { now: NOW })).toThrow(SigV4Error);
  });
});
