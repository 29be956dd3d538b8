import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Authorization,
  createRequestSigner,
  deriveV4aKeyPair,
  type Header,
  parseAuthorization,
  SigV4Error,
  type SigV4ErrorCode,
  type SigV4Request,
  sha256Hex,
  verifyRequest,
  verifyV4aSignature,
} from '../../../src/core/sigv4/index.ts';
import { SECRETS } from './arbitrary-request.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const SIGNATURE = 'ab'.repeat(32);
const CREDENTIAL = 'AKIDEXAMPLE/20260115/us-east-1/s3/aws4_request';
const GOOD = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`;
const DATE: Header = ['X-Amz-Date', '20260115T120000Z'];
const HOST: Header = ['Host', '127.0.0.1:4587'];

function inHeader(authorization: string, ...headers: Header[]): SigV4Request {
  const rest = headers.length === 0 ? [DATE] : headers;
  return { method: 'GET', path: '/', query: '', headers: [HOST, ...rest, ['Authorization', authorization]] };
}

const PARAMETERS: Readonly<Record<string, string>> = {
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': CREDENTIAL,
  'X-Amz-Date': '20260115T120000Z',
  'X-Amz-Expires': '60',
  'X-Amz-SignedHeaders': 'host',
  'X-Amz-Signature': SIGNATURE,
};

function inQuery(changes: Readonly<Record<string, string | null>> = {}, extra = ''): SigV4Request {
  const query = Object.entries({ ...PARAMETERS, ...changes })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`)
    .join('&');
  return { method: 'GET', path: '/', query: query + extra, headers: [HOST] };
}

function refusal(request: SigV4Request): SigV4Error {
  try {
    parseAuthorization(request);
  } catch (error) {
    if (error instanceof SigV4Error) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the header form', () => {
  it('is read', () => {
    expect(parseAuthorization(inHeader(GOOD))).toEqual<Authorization>({
      location: 'header',
      algorithm: 'AWS4-HMAC-SHA256',
      accessKeyId: 'AKIDEXAMPLE',
      scope: { date: '20260115', region: 'us-east-1', service: 's3' },
      scopeText: '20260115/us-east-1/s3/aws4_request',
      timestamp: '20260115T120000Z',
      signedAt: NOW,
      signedHeaders: ['host', 'x-amz-date'],
      signature: SIGNATURE,
    });
  });

  it.each([
    ['without spaces after commas', GOOD.replaceAll(', ', ',')],
    ['in another order', `AWS4-HMAC-SHA256 Signature=${SIGNATURE}, SignedHeaders=host, Credential=${CREDENTIAL}`],
  ])('is read %s', (_how, authorization) => {
    expect(parseAuthorization(inHeader(authorization)).signature).toBe(SIGNATURE);
  });

  it('takes the time from Date where X-Amz-Date is missing', () => {
    for (const value of ['Thu, 15 Jan 2026 12:00:00 GMT', '20260115T120000Z']) {
      expect(parseAuthorization(inHeader(GOOD, ['Date', value]))).toMatchObject({
        timestamp: '20260115T120000Z',
        signedAt: NOW,
      });
    }
  });

  it('prefers X-Amz-Date to Date and reports the session token', () => {
    const request = inHeader(GOOD, ['Date', 'Mon, 01 Jan 2001 00:00:00 GMT'], DATE, ['X-Amz-Security-Token', 'tok']);
    expect(parseAuthorization(request)).toMatchObject({ signedAt: NOW, sessionToken: 'tok' });
  });

  it.each<[string, SigV4Request, SigV4ErrorCode]>([
    ['is missing', { method: 'GET', path: '/', query: '', headers: [HOST] }, 'MissingAuthenticationToken'],
    ['is empty', inHeader(''), 'IncompleteSignature'],
    ['is doubled', inHeader(GOOD, DATE, ['authorization', GOOD]), 'InvalidRequest'],
    ['is SigV2', inHeader('AWS AKIDEXAMPLE:c2lnbmF0dXJl'), 'InvalidRequest'],
    ['is Bearer', inHeader('Bearer x'), 'IncompleteSignature'],
    [
      'has the algorithm in lower case',
      inHeader(GOOD.replace('AWS4-HMAC-SHA256', 'aws4-hmac-sha256')),
      'IncompleteSignature',
    ],
    ['has an algorithm only', inHeader('AWS4-HMAC-SHA256'), 'IncompleteSignature'],
    ['has no Credential', inHeader(GOOD.replace(/Credential=[^,]*, /, '')), 'IncompleteSignature'],
    ['has no SignedHeaders', inHeader(GOOD.replace(/SignedHeaders=[^,]*, /, '')), 'IncompleteSignature'],
    ['has no Signature', inHeader(GOOD.replace(/, Signature=.*/, '')), 'IncompleteSignature'],
    ['has an empty Signature', inHeader(GOOD.replace(SIGNATURE, '')), 'IncompleteSignature'],
    ['has two Signatures', inHeader(`${GOOD}, Signature=${SIGNATURE}`), 'IncompleteSignature'],
    ['has a parameter in lower case', inHeader(GOOD.replace('Signature=', 'signature=')), 'IncompleteSignature'],
    ['has an unknown parameter', inHeader(`${GOOD}, Extra=1`), 'IncompleteSignature'],
    ['has a trailing comma', inHeader(`${GOOD},`), 'IncompleteSignature'],
    ['has an upper-case signature', inHeader(GOOD.replace(SIGNATURE, SIGNATURE.toUpperCase())), 'IncompleteSignature'],
    ['has a short signature', inHeader(GOOD.slice(0, -1)), 'IncompleteSignature'],
    ['has no date', inHeader(GOOD, ['Accept', '*/*']), 'IncompleteSignature'],
    ['has a bad date', inHeader(GOOD, ['X-Amz-Date', '2026-01-15T12:00:00Z']), 'IncompleteSignature'],
    ['has a bad Date', inHeader(GOOD, ['Date', 'Fri, 15 Jan 2026 12:00:00 GMT']), 'IncompleteSignature'],
    ['has two dates', inHeader(GOOD, DATE, DATE), 'InvalidRequest'],
    ['comes with two Hosts', inHeader(GOOD, DATE, ['host', 'evil.example']), 'InvalidRequest'],
    ['has another day in its scope', inHeader(GOOD.replace('/20260115/', '/20260114/')), 'IncompleteSignature'],
    ['has a bad day in its scope', inHeader(GOOD.replace('/20260115/', '/2026011/')), 'IncompleteSignature'],
    ['has a bad terminator', inHeader(GOOD.replace('aws4_request', 'aws5_request')), 'IncompleteSignature'],
    ['has a short scope', inHeader(GOOD.replace('/us-east-1', '')), 'IncompleteSignature'],
    ['has a long scope', inHeader(GOOD.replace('/us-east-1', '/us-east-1/x')), 'IncompleteSignature'],
    ['has an empty region', inHeader(GOOD.replace('/us-east-1/', '//')), 'IncompleteSignature'],
    ['has an empty service', inHeader(GOOD.replace('/s3/', '//')), 'IncompleteSignature'],
    ['has a bad access key id', inHeader(GOOD.replace('AKIDEXAMPLE', 'AKID EXAMPLE')), 'IncompleteSignature'],
    ['does not sign Host', inHeader(GOOD.replace('host;', '')), 'SignatureDoesNotMatch'],
    ['lists headers in upper case', inHeader(GOOD.replace('host;', 'Host;')), 'IncompleteSignature'],
    ['lists headers out of order', inHeader(GOOD.replace('host;x-amz-date', 'x-amz-date;host')), 'IncompleteSignature'],
    ['lists a header twice', inHeader(GOOD.replace('host;', 'host;host;')), 'IncompleteSignature'],
    ['lists an empty header', inHeader(GOOD.replace('host;', 'host;;')), 'IncompleteSignature'],
    ['is joined by a signed query', { ...inHeader(GOOD), query: inQuery().query }, 'InvalidArgument'],
  ])('is refused when it %s', (_what, request, code) => {
    expect(refusal(request).code).toBe(code);
  });
});

describe('the query form', () => {
  it('is read', () => {
    expect(parseAuthorization(inQuery({ 'X-Amz-Security-Token': 'a/b+c=' }))).toEqual<Authorization>({
      location: 'query',
      algorithm: 'AWS4-HMAC-SHA256',
      accessKeyId: 'AKIDEXAMPLE',
      scope: { date: '20260115', region: 'us-east-1', service: 's3' },
      scopeText: '20260115/us-east-1/s3/aws4_request',
      timestamp: '20260115T120000Z',
      signedAt: NOW,
      signedHeaders: ['host'],
      signature: SIGNATURE,
      expiresSeconds: 60,
      sessionToken: 'a/b+c=',
    });
  });

  it.each<[string, SigV4Request, SigV4ErrorCode]>([
    ['lacks the algorithm', inQuery({ 'X-Amz-Algorithm': null }), 'AuthorizationQueryParametersError'],
    ['lacks the credential', inQuery({ 'X-Amz-Credential': null }), 'AuthorizationQueryParametersError'],
    ['lacks the date', inQuery({ 'X-Amz-Date': null }), 'AuthorizationQueryParametersError'],
    ['lacks the signed headers', inQuery({ 'X-Amz-SignedHeaders': null }), 'AuthorizationQueryParametersError'],
    ['lacks the signature', inQuery({ 'X-Amz-Signature': null }), 'AuthorizationQueryParametersError'],
    ['doubles the signature', inQuery({}, `&X-Amz-Signature=${SIGNATURE}`), 'AuthorizationQueryParametersError'],
    ['doubles the date in escapes', inQuery({}, '&X%2DAmz-Date=20260115T120000Z'), 'AuthorizationQueryParametersError'],
    ['has a name in lower case', inQuery({}, '&x-amz-expires=60'), 'AuthorizationQueryParametersError'],
    ['has another algorithm', inQuery({ 'X-Amz-Algorithm': 'AWS4-HMAC-SHA512' }), 'AuthorizationQueryParametersError'],
    ['has a bad date', inQuery({ 'X-Amz-Date': '20260115' }), 'AuthorizationQueryParametersError'],
    ['never ends', inQuery({ 'X-Amz-Expires': '604801' }), 'AuthorizationQueryParametersError'],
    ['ended before it began', inQuery({ 'X-Amz-Expires': '-1' }), 'AuthorizationQueryParametersError'],
    ['ends at a word', inQuery({ 'X-Amz-Expires': 'never' }), 'AuthorizationQueryParametersError'],
    ['ends at 1e3', inQuery({ 'X-Amz-Expires': '1e3' }), 'AuthorizationQueryParametersError'],
    [
      'has an upper-case signature',
      inQuery({ 'X-Amz-Signature': SIGNATURE.toUpperCase() }),
      'AuthorizationQueryParametersError',
    ],
    ['does not sign Host', inQuery({ 'X-Amz-SignedHeaders': 'range' }), 'SignatureDoesNotMatch'],
  ])('is refused when it %s', (_what, request, code) => {
    expect(refusal(request).code).toBe(code);
  });

  it('reads SigV4a with its regions', () => {
    const request = inQuery({
      'X-Amz-Algorithm': 'AWS4-ECDSA-P256-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260115/s3/aws4_request',
      'X-Amz-Region-Set': 'us-east-1,eu-*',
      'X-Amz-Signature': `30${'00'.repeat(70)}`,
    });
    expect(parseAuthorization(request)).toMatchObject({
      scope: { date: '20260115', service: 's3' },
      regionSet: ['us-east-1', 'eu-*'],
    });
    const without = request.query.replace(/&X-Amz-Region-Set=[^&]*/, '');
    expect(refusal({ ...request, query: without }).code).toBe('AuthorizationQueryParametersError');
    const many = request.query.replace(/(&X-Amz-Region-Set=)[^&]*/, `$1${Array(65).fill('us-east-1').join(',')}`);
    expect(refusal({ ...request, query: many }).code).toBe('AuthorizationQueryParametersError');
  });
});

describe('errors', () => {
  it('never repeat the Authorization header', () => {
    expect(refusal(inHeader(`${GOOD}, Extra=1`)).message).not.toContain(SIGNATURE);
  });
});

describe('garbage', () => {
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom(
      CREDENTIAL,
      SIGNATURE,
      'host',
      '',
      '%',
      'AWS4-HMAC-SHA256',
      'AWS4-ECDSA-P256-SHA256',
      '20260115T120000Z',
      '0',
    ),
  );
  const names = fc.constantFrom(
    ...Object.keys(PARAMETERS),
    'X-Amz-Security-Token',
    'X-Amz-Region-Set',
    'a',
    '',
    '%58-Amz-Date',
  );
  const query = fc
    .array(fc.tuple(names, junk))
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
  const header = fc.tuple(
    fc.constantFrom('Authorization', 'X-Amz-Date', 'Date', 'Host', 'x-amz-content-sha256', 'X-Amz-Region-Set', 'x'),
    fc.oneof(
      junk,
      fc.array(junk).map((parts) => `AWS4-HMAC-SHA256 ${parts.join(', ')}`),
    ),
  );
  /** A good header with bytes of it replaced. */
  const bent = fc
    .tuple(
      fc.constantFrom(GOOD, inQuery().query),
      fc.array(fc.tuple(fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))),
    )
    .map(([text, edits]) => {
      let out = text;
      for (const [at, piece] of edits) out = out.slice(0, at % out.length) + piece + out.slice((at % out.length) + 1);
      return out;
    });

  function survives(request: SigV4Request): void {
    try {
      const key = { signingKey: new Uint8Array(32) };
      verifyRequest(request, key, { now: NOW, bodyHash: sha256Hex('') });
    } catch (error) {
      if (!(error instanceof SigV4Error)) throw error;
      return;
    }
    throw new Error('garbage was accepted');
  }

  it('ends in a SigV4Error and nothing else', () => {
    const charset = fc.constantFrom('utf8', 'latin1');
    fc.assert(
      fc.property(junk, query, fc.array(header), charset, (path, raw, headers, encoding) => {
        survives({ method: 'GET', path, query: raw, headers, charset: encoding });
      }),
      { numRuns: 3000, seed: 13 },
    );
    fc.assert(
      fc.property(bent, bent, (one, other) => {
        survives(inHeader(one));
        survives({ method: 'GET', path: '/', query: other, headers: [HOST] });
      }),
      { numRuns: 3000, seed: 17 },
    );
  });

  it('is no SigV4a signature either', () => {
    const { publicKey } = deriveV4aKeyPair(SECRETS.accessKeyId, SECRETS.secretAccessKey);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(verifyV4aSignature(publicKey, 'text', Buffer.from(bytes).toString('hex'))).toBe(false);
      }),
      { numRuns: 1000, seed: 19 },
    );
  });

  it('cannot be presigned or signed twice', () => {
    const signer = createRequestSigner({ ...SECRETS, region: 'us-east-1', service: 's3' });
    expect(() => signer.presign(inQuery(), { now: NOW, expiresSeconds: 60 })).toThrow(SigV4Error);
    for (const expiresSeconds of [0, -1, 1.5, 604_801, Number.NaN]) {
      const request: SigV4Request = { method: 'GET', path: '/', query: '', headers: [HOST] };
      expect(() => signer.presign(request, { now: NOW, expiresSeconds })).toThrow(SigV4Error);
    }
    const hostless: SigV4Request = { method: 'GET', path: '/', query: '', headers: [] };
    expect(() => signer.presign(hostless, { now: NOW, expiresSeconds: 60 })).toThrow(SigV4Error);
    expect(() => signer.sign(hostless, { now: NOW, payloadHash: SIGNATURE })).toThrow(SigV4Error);
    expect(() => signer.sign({ ...hostless, headers: [HOST] }, { now: NOW })).toThrow(SigV4Error);
  });
});
