import { createHash, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { prepareX509Signing } from '../../../../src/core/sigv4/x509/prepare-x509-signing.ts';

const Request = z.object({
  alg: z.enum(['AWS4-X509-RSA-SHA256', 'AWS4-X509-ECDSA-SHA256']),
  date: z.string(),
  query: z.string(),
  sig: z.string(),
  x509: z.string(),
  serial: z.string(),
  body: z.string(),
});
const FIXTURE = z
  .object({ source: z.string(), requests: z.array(Request) })
  .parse(JSON.parse(readFileSync(new URL('credential-helper.json', import.meta.url), 'utf8')));

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function at(amzDate: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

test.each(FIXTURE.requests)('what AWS’s own helper signed ($alg) is what is signed here', (one) => {
  const prepared = prepareX509Signing(
    {
      method: 'POST',
      path: '/sessions',
      query: one.query,
      headers: [
        ['Host', '127.0.0.1:8080'],
        ['Content-Type', 'application/json'],
      ],
    },
    {
      identity: { algorithm: one.alg, certificate: one.x509, chain: [], serial: one.serial },
      region: 'us-east-2',
      service: 'rolesanywhere',
      now: at(one.date),
      payloadHash: hash(one.body),
    },
  );
  const signature = Buffer.from(one.sig, 'hex');
  const { publicKey } = new X509Certificate(Buffer.from(one.x509, 'base64'));
  expect(verify('sha256', Buffer.from(prepared.stringToSign), publicKey, signature)).toBe(true);
  expect(prepared.authorization(signature)).toBe(
    `${one.alg} Credential=${one.serial}/${one.date.slice(0, 8)}/us-east-2/rolesanywhere/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-x509, Signature=${one.sig}`,
  );
});

test('the canonical request is that of AWS’s user guide, with and without a chain', () => {
  const body = '{"durationSeconds":3600}';
  const guide = (chain: string[]) =>
    prepareX509Signing(
      {
        method: 'POST',
        path: '/sessions',
        query: '',
        headers: [
          ['Host', 'rolesanywhere.us-east-1.amazonaws.com'],
          ['Content-Type', 'application/json'],
        ],
      },
      {
        identity: { algorithm: 'AWS4-X509-RSA-SHA256', certificate: 'Y2VydA==', chain, serial: '7' },
        region: 'us-east-1',
        service: 'rolesanywhere',
        now: at('20211103T120000Z'),
        payloadHash: hash(body),
      },
    );
  const canonical = [
    'POST',
    '/sessions',
    '',
    'content-type:application/json',
    'host:rolesanywhere.us-east-1.amazonaws.com',
    'x-amz-date:20211103T120000Z',
    'x-amz-x509:Y2VydA==',
    '',
    'content-type;host;x-amz-date;x-amz-x509',
    hash(body),
  ].join('\n');
  const plain = guide([]);
  expect(plain.canonicalRequest).toBe(canonical);
  expect(plain.stringToSign).toBe(
    `AWS4-X509-RSA-SHA256\n20211103T120000Z\n20211103/us-east-1/rolesanywhere/aws4_request\n${hash(canonical)}`,
  );
  const chained = guide(['b25l', 'dHdv']);
  expect(chained.canonicalRequest).toContain('x-amz-x509:Y2VydA==\nx-amz-x509-chain:b25l,dHdv\n\n');
  expect(chained.canonicalRequest).toContain('content-type;host;x-amz-date;x-amz-x509;x-amz-x509-chain');
});
