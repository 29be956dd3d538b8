import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { isSignedV4a } from './upstream-verify-v4a.ts';

/**
 * Checks a request's SigV4 signature with @smithy/signature-v4, by signing what arrived again with the real key; SigV4a, which that cannot
 * do, with the key's public half. Nothing here comes from src/: this is the second opinion.
 */

export interface UpstreamKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface SignedBy {
  algorithm: string;
  accessKeyId: string;
  service: string;
  /** Empty for SigV4a, which has a set of them instead. */
  region: string;
  regionSet: string | undefined;
  date: string;
  timestamp: string;
  signature: string;
  signedHeaders: string[];
  /** What the canonical request ends with, where the request says so itself. */
  payload: string | undefined;
  presigned: boolean;
}

export class BadSignature extends Error {}

const V4A = 'AWS4-ECDSA-P256-SHA256';
const S3 = new Set(['s3', 's3express', 's3-object-lambda', 's3-outposts']);

function once(request: IncomingMessage, name: string): string | undefined {
  const values: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) values.push(request.rawHeaders[i + 1] ?? '');
  }
  if (values.length > 1 && ['host', 'authorization', 'x-amz-date', 'content-length'].includes(name)) {
    throw new BadSignature(`two ${name} headers`);
  }
  return values.length === 0 ? undefined : values.join(',');
}

/** Reads who signed. @throws BadSignature */
export function readSignature(request: IncomingMessage): SignedBy {
  const url = new URL(request.url ?? '/', 'http://upstream');
  const authorization = once(request, 'authorization');
  const parts =
    authorization === undefined
      ? {
          algorithm: url.searchParams.get('X-Amz-Algorithm'),
          regionSet: url.searchParams.get('X-Amz-Region-Set'),
          credential: url.searchParams.get('X-Amz-Credential'),
          signed: url.searchParams.get('X-Amz-SignedHeaders'),
          signature: url.searchParams.get('X-Amz-Signature'),
          timestamp: url.searchParams.get('X-Amz-Date'),
        }
      : {
          algorithm: authorization.split(' ')[0],
          regionSet: once(request, 'x-amz-region-set'),
          credential: /Credential=([^,\s]+)/.exec(authorization)?.[1],
          signed: /SignedHeaders=([^,\s]+)/.exec(authorization)?.[1],
          signature: /Signature=([0-9a-f]+)/.exec(authorization)?.[1],
          timestamp: once(request, 'x-amz-date'),
        };
  const { algorithm, credential, signed, signature, timestamp } = parts;
  if (!algorithm || !credential || !signed || !signature || !timestamp) throw new BadSignature('not signed');
  const [accessKeyId = '', date = '', ...rest] = credential.split('/');
  const [region = '', service = ''] = algorithm === V4A ? ['', ...rest] : rest;
  const presigned = authorization === undefined;
  return {
    algorithm,
    accessKeyId,
    service,
    region,
    regionSet: parts.regionSet ?? undefined,
    date,
    timestamp,
    signature,
    signedHeaders: signed.split(';'),
    payload:
      once(request, 'x-amz-content-sha256') ??
      (presigned && S3.has(service) ? (url.searchParams.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD') : undefined),
    presigned,
  };
}

function signedOn(timestamp: string): Date {
  return new Date(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function canonicalS3Path(raw: string): string {
  return raw
    .split('/')
    .map((segment) =>
      encodeURIComponent(decodeURIComponent(segment)).replace(
        /[!'()*]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join('/');
}

function signer(key: UpstreamKey, by: SignedBy): SignatureV4 {
  return new SignatureV4({
    credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
    region: by.region,
    service: by.service,
    sha256: Sha256,
    uriEscapePath: !S3.has(by.service),
    applyChecksum: false,
  });
}

/** @throws BadSignature unless the request is signed with `key`, now. `body` where the signature covers it undeclared. */
export async function checkSignature(
  request: IncomingMessage,
  by: SignedBy,
  key: UpstreamKey,
  body: Buffer,
  now: number,
): Promise<void> {
  const [rawPath = '/', rawQuery = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const signingDate = signedOn(by.timestamp);
  if (Math.abs(signingDate.getTime() - now) > 15 * 60_000) throw new BadSignature('clock skew');
  if (!by.signedHeaders.includes('host')) throw new BadSignature('host is not signed');
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(rawQuery.replaceAll('+', '%20'))) {
    if (name === 'X-Amz-Signature') continue;
    query[name] = [...(query[name] ?? []), value];
  }
  const headers: Record<string, string> = {};
  for (const name of by.signedHeaders) {
    const value = once(request, name);
    if (value === undefined) throw new BadSignature(`signed header ${name} is missing`);
    headers[name] = value;
  }
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]?.toLowerCase() ?? '';
    if (name.startsWith('x-amz-') && !by.signedHeaders.includes(name)) throw new BadSignature(`${name} is not signed`);
  }
  const token =
    once(request, 'x-amz-security-token') ?? new URLSearchParams(rawQuery).get('X-Amz-Security-Token') ?? undefined;
  if (token !== key.sessionToken) throw new BadSignature('wrong session token');
  const input = {
    method: request.method ?? 'GET',
    protocol: 'http:',
    hostname: 'upstream',
    path: S3.has(by.service) ? canonicalS3Path(rawPath) : rawPath,
    query,
    headers,
    body: by.payload === undefined ? body : undefined,
  };
  if (by.algorithm === V4A) {
    if (!by.regionSet) throw new BadSignature('no region set');
    const text = `${V4A}\n${by.timestamp}\n${by.date}/${by.service}/aws4_request\n${canonicalHash(input, by)}`;
    if (!isSignedV4a(key, text, by.signature)) throw new BadSignature('SignatureDoesNotMatch');
    return;
  }
  const v4 = signer(key, by);
  const signableHeaders = new Set(by.signedHeaders);
  let expected: string;
  if (by.presigned) {
    // The library's presign() would move headers into the query; sign the canonical request it would make instead.
    expected = await presignedSignature(v4, input, by);
  } else {
    delete headers['x-amz-date'];
    const signed = await v4.sign(input, { signingDate, signableHeaders });
    expected = /Signature=([0-9a-f]+)/.exec(signed.headers['authorization'] ?? '')?.[1] ?? '';
    const names = /SignedHeaders=([^,\s]+)/.exec(signed.headers['authorization'] ?? '')?.[1];
    if (names !== by.signedHeaders.join(';'))
      throw new BadSignature(`signed headers ${by.signedHeaders.join(';')} read as ${names}`);
  }
  if (expected !== by.signature) throw new BadSignature('SignatureDoesNotMatch');
}

interface Input {
  method: string;
  path: string;
  query: Record<string, string[]>;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

async function presignedSignature(v4: SignatureV4, input: Input, by: SignedBy): Promise<string> {
  const scope = `${by.date}/${by.region}/${by.service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${by.timestamp}\n${scope}\n${canonicalHash(input, by)}`;
  return v4.sign(text, { signingDate: signedOn(by.timestamp) });
}

/** Hash of the canonical request: AWS's own description of it, written out. */
function canonicalHash(input: Input, by: SignedBy): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonicalQuery = Object.entries(input.query)
    .flatMap(([name, values]) => values.map((value) => `${encode(name)}=${encode(value)}`))
    .sort()
    .join('&');
  const path = S3.has(by.service) ? input.path : encode(input.path).replaceAll('%2F', '/');
  const payload =
    by.payload ??
    createHash('sha256')
      .update(input.body ?? '')
      .digest('hex');
  const lines = by.signedHeaders
    .map((name) => `${name}:${(input.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`)
    .join('');
  const canonical = `${input.method}\n${path}\n${canonicalQuery}\n${lines}\n${by.signedHeaders.join(';')}\n${payload}`;
  return createHash('sha256').update(canonical).digest('hex');
}

export interface DecodedBody {
  data: Buffer;
  trailers: Record<string, string>;
  chunks: number;
}

/** Takes an aws-chunked body apart and, where it is signed, checks every link of the chain. @throws BadSignature */
export async function decodeChunked(raw: Buffer, by: SignedBy, key: UpstreamKey): Promise<DecodedBody> {
  const signed = by.payload?.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD') === true;
  const hmac = (k: Buffer | string, text: string): Buffer => createHmac('sha256', k).update(text).digest();
  const chainKey = hmac(hmac(hmac(hmac(`AWS4${key.secretAccessKey}`, by.date), by.region), by.service), 'aws4_request');
  const scope = `${by.date}/${by.region}/${by.service}/aws4_request`;
  const empty = createHash('sha256').digest('hex');
  const parts: Buffer[] = [];
  let previous = by.signature;
  let at = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', at);
    if (end === -1) throw new BadSignature('chunk header does not end');
    const [sizeText = '', extension = ''] = raw.toString('latin1', at, end).split(';chunk-signature=');
    const size = Number.parseInt(sizeText, 16);
    at = end + 2;
    const data = raw.subarray(at, at + size);
    if (data.length !== size) throw new BadSignature('chunk is cut short');
    if (signed) {
      const hash = createHash('sha256').update(data).digest('hex');
      const text = `AWS4-HMAC-SHA256-PAYLOAD\n${by.timestamp}\n${scope}\n${previous}\n${empty}\n${hash}`;
      previous = hmac(chainKey, text).toString('hex');
      if (previous !== extension) throw new BadSignature(`chunk ${parts.length} has a wrong signature`);
    }
    at += size;
    if (size === 0) break;
    parts.push(data);
    if (raw.toString('latin1', at, at + 2) !== '\r\n') throw new BadSignature('chunk does not end');
    at += 2;
  }
  const trailers: Record<string, string> = {};
  let signature: string | undefined;
  let canonical = '';
  for (const line of raw.toString('latin1', at).split('\r\n')) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      trailers[name] = value;
      canonical += `${name}:${value}\n`;
    }
  }
  if (signed && by.payload?.endsWith('-TRAILER') === true) {
    const hash = createHash('sha256').update(canonical).digest('hex');
    const text = `AWS4-HMAC-SHA256-TRAILER\n${by.timestamp}\n${scope}\n${previous}\n${hash}`;
    if (hmac(chainKey, text).toString('hex') !== signature) throw new BadSignature('trailer has a wrong signature');
  }
  const data = Buffer.concat(parts);
  const sum = trailers['x-amz-checksum-crc32'];
  if (sum !== undefined) {
    const computed = Buffer.alloc(4);
    computed.writeUInt32BE(crc32(data));
    if (computed.toString('base64') !== sum) throw new BadSignature('CRC32 trailer does not match');
  }
  return { data, trailers, chunks: parts.length };
}
