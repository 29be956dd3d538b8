import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { CLIENT_KEY } from '../support/door-backend.ts';
import { cleanUp, type Harness, startHarness } from './harness.ts';

describe('a signature of the wrong form, or none', () => {
  const signature = 'ab'.repeat(32);
  const header = (service: string): string =>
    `AWS4-HMAC-SHA256 Credential=AKID/20260115/eu-central-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  const ask = (harness: Harness, headers: string[], target = '/b/k'): Promise<string> =>
    harness.raw(
      [`POST ${target} HTTP/1.1`, 'Host: localhost', 'Content-Length: 0', 'Connection: close', ...headers, '', ''].join(
        '\r\n',
      ),
    );
  const statusOf = (answer: string): string => answer.slice(9, 12);

  it.each<[string, (good: string) => string]>([
    ['no SignedHeaders', (good) => good.replace(/SignedHeaders=[^,]*, /, '')],
    ['no Signature', (good) => good.replace(/, Signature=.*/, '')],
    ['a short Signature', (good) => good.slice(0, -2)],
    ['an unknown part', (good) => `${good}, Extra=1`],
    ['no date', (good) => good],
    ['another day in its scope', (good) => good.replace('/20260115/', '/20260114/')],
    ['a region that is none', (good) => good.replace('eu-central-1', 'eu central 1').replaceAll(' central ', '!')],
  ])('%s', async (what, spoil) => {
    const harness = await startHarness();
    const date = what === 'no date' ? [] : ['X-Amz-Date: 20260115T120000Z'];
    const malformed = (service: string, ...more: string[]): Promise<string> =>
      ask(harness, [`Authorization: ${spoil(header(service))}`, ...date, ...more]);
    const s3 = await malformed('s3');
    expect([statusOf(s3), s3]).toEqual(['400', expect.stringContaining('<Code>AuthorizationHeaderMalformed</Code>')]);
    // S3 takes forms, too, and stays S3.
    const form = 'Content-Type: application/x-www-form-urlencoded';
    expect(await malformed('s3', form)).toContain('<Code>AuthorizationHeaderMalformed</Code>');
    const query = await malformed('sts', form);
    expect([statusOf(query), query]).toEqual(['400', expect.stringContaining('<Code>IncompleteSignature</Code>')]);
    const json = await malformed('dynamodb', 'X-Amz-Target: DynamoDB_20120810.ListTables');
    expect([statusOf(json), json]).toEqual(['400', expect.stringContaining('"__type":"IncompleteSignatureException"')]);
    const rest = await malformed('lambda');
    expect([statusOf(rest), rest]).toEqual(['400', expect.stringContaining('"__type":"IncompleteSignatureException"')]);
    expect(harness.upstream.seen).toEqual([]);
  });

  it('in the query: AuthorizationQueryParametersError for S3, IncompleteSignature for others', async () => {
    const harness = await startHarness();
    const target = (service: string): string =>
      `/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260115%2Feu-central-1%2F${service}%2Faws4_request`;
    expect(await ask(harness, [], target('s3'))).toContain('<Code>AuthorizationQueryParametersError</Code>');
    expect(await ask(harness, [], target('lambda'))).toContain('"__type":"IncompleteSignatureException"');
  });

  it('none: AccessDenied for S3, MissingAuthenticationToken for others, and what to do', async () => {
    const harness = await startHarness();
    const s3 = await ask(harness, []);
    expect([statusOf(s3), s3]).toEqual(['403', expect.stringContaining('<Code>AccessDenied</Code>')]);
    expect(s3).toContain('keyhold exec');
    // Nothing tells a REST client of JSON from one of S3 here; the header is only read by the former.
    expect(s3).toContain('x-amzn-ErrorType: MissingAuthenticationTokenException');
    const query = await ask(harness, [], '/?Action=GetCallerIdentity');
    expect([statusOf(query), query]).toEqual([
      '403',
      expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
    ]);
    const json = await ask(harness, ['X-Amz-Target: AmazonSSM.GetParameter'], '/');
    expect([statusOf(json), json]).toEqual([
      '400',
      expect.stringContaining('"__type":"MissingAuthenticationTokenException"'),
    ]);
  });

  it('is one clear sentence in the SDK', async () => {
    const harness = await startHarness();
    const s3 = new S3Client({
      endpoint: `http://127.0.0.1:${harness.door.port}`,
      region: 'eu-central-1',
      credentials: CLIENT_KEY,
      signer: { sign: async (request) => request },
    });
    cleanUp(async () => s3.destroy());
    await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringMatching(/not signed.*keyhold exec/),
      $metadata: { httpStatusCode: 403, attempts: 1 },
    });
  });
});
