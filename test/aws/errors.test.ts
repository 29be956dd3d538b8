import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, HeadObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsError, type Refusal } from '../../src/aws/protocol/aws-error.ts';
import { decodeCbor } from '../../src/aws/protocol/cbor/decode-cbor.ts';
import { type Dialect, detectDialect } from '../../src/aws/protocol/dialect.ts';
import { escapeXml, renderError } from '../../src/aws/protocol/render-error.ts';
import { KeyholdError } from '../../src/contract/errors.ts';
import { CLIENT_KEY } from '../support/door-backend.ts';
import { cleanUp, type Harness, startHarness } from './harness.ts';

type Key = { accessKeyId: string; secretAccessKey: string };

/** The same mistake through six SDK clients: one of each protocol the SDK speaks here. */
function clients(harness: Harness, credentials: Key = CLIENT_KEY) {
  const config = { endpoint: `http://127.0.0.1:${harness.door.port}`, region: 'eu-central-1', credentials };
  const sts = new STSClient(config);
  const iam = new IAMClient(config);
  const dynamodb = new DynamoDBClient(config);
  const ssm = new SSMClient(config);
  const lambda = new LambdaClient(config);
  const s3 = new S3Client(config);
  cleanUp(async () => {
    for (const client of [sts, iam, dynamodb, ssm, lambda, s3]) client.destroy();
  });
  return {
    sts: () => sts.send(new GetCallerIdentityCommand({})),
    iam: () => iam.send(new ListUsersCommand({})),
    dynamodb: () => dynamodb.send(new ListTablesCommand({})),
    ssm: () => ssm.send(new DescribeParametersCommand({})),
    lambda: () => lambda.send(new InvokeCommand({ FunctionName: 'f' })),
    s3: () => s3.send(new ListBucketsCommand({})),
    s3Get: () => s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
    s3Head: () => s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' })),
  };
}

interface Seen {
  name: string;
  message: string;
  status: number | undefined;
  attempts: number | undefined;
}

async function failureOf(call: () => Promise<unknown>): Promise<Seen> {
  try {
    await call();
  } catch (error) {
    const metadata: unknown = error instanceof Error ? Reflect.get(error, '$metadata') : undefined;
    const field = (name: string): number | undefined => {
      const value: unknown =
        typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, name) : undefined;
      return typeof value === 'number' ? value : undefined;
    };
    if (!(error instanceof Error)) throw error;
    return { name: error.name, message: error.message, status: field('httpStatusCode'), attempts: field('attempts') };
  }
  throw new Error('the call was expected to fail');
}

type Codes = Record<'sts' | 'iam' | 'dynamodb' | 'ssm' | 'lambda' | 's3', string>;
const all = (code: string): Codes => ({
  sts: code,
  iam: code,
  dynamodb: `${code}Exception`,
  ssm: `${code}Exception`,
  lambda: `${code}Exception`,
  s3: code,
});

const CASES: { name: string; arrange: (harness: Harness) => Key | undefined; message: RegExp; codes: Codes }[] = [
  {
    name: 'locked vault',
    arrange: ({ fake }) => {
      fake.state = 'locked';
      return undefined;
    },
    message: /^Keyhold is locked\. Run `keyhold unlock`\.$/,
    codes: all('AccessDenied'),
  },
  {
    name: 'a vault that does not verify',
    arrange: ({ fake }) => {
      fake.state = 'locked';
      fake.lockDetail = 'The vault was changed from outside (record object 4f1d2c3b…: edited).';
      return undefined;
    },
    message: /^Keyhold is locked, because the vault does not verify\. .*record object 4f1d2c3b…: edited/,
    codes: all('AccessDenied'),
  },
  {
    name: 'found between two steps not to verify',
    arrange: ({ fake }) => {
      fake.failWith = new KeyholdError('Locked', 'The vault has been locked.', { found: 'It was changed (head).' });
      return undefined;
    },
    message: /^Keyhold is locked, because the vault does not verify\. It was changed \(head\)\.$/,
    codes: all('AccessDenied'),
  },
  {
    name: 'no vault yet',
    arrange: ({ fake }) => {
      fake.state = 'none';
      return undefined;
    },
    message: /^Keyhold has no vault yet\. Run `keyhold init`\.$/,
    codes: all('AccessDenied'),
  },
  {
    name: 'locked between two steps',
    arrange: ({ fake }) => {
      fake.failWith = new KeyholdError('Locked', 'The vault is locked.');
      return undefined;
    },
    message: /^Keyhold is locked\. Run `keyhold unlock`\.$/,
    codes: all('AccessDenied'),
  },
  {
    name: 'unknown client key',
    arrange: () => ({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }),
    message: /does not know this client key/,
    codes: {
      sts: 'InvalidClientTokenId',
      iam: 'InvalidClientTokenId',
      dynamodb: 'UnrecognizedClientException',
      ssm: 'UnrecognizedClientException',
      lambda: 'UnrecognizedClientException',
      s3: 'InvalidAccessKeyId',
    },
  },
  {
    name: 'bad signature',
    arrange: () => ({ ...CLIENT_KEY, secretAccessKey: 'another secret' }),
    message: /signature we calculated does not match/,
    codes: {
      sts: 'SignatureDoesNotMatch',
      iam: 'SignatureDoesNotMatch',
      dynamodb: 'InvalidSignatureException',
      ssm: 'InvalidSignatureException',
      lambda: 'InvalidSignatureException',
      s3: 'SignatureDoesNotMatch',
    },
  },
  {
    name: 'expired client',
    arrange: ({ fake }) => {
      fake.client.expiresAt = Date.now() - 1000;
      return undefined;
    },
    message: /"laptop" expired at \d{4}-/,
    codes: all('ExpiredToken'),
  },
  {
    name: 'disabled client',
    arrange: ({ fake }) => {
      fake.client.enabled = false;
      return undefined;
    },
    message: /client "laptop" is disabled/,
    codes: all('AccessDenied'),
  },
  {
    name: 'disabled access key',
    arrange: ({ fake }) => {
      fake.client.key.status = 'disabled';
      return undefined;
    },
    message: /access key "prod-key" is disabled/,
    codes: all('AccessDenied'),
  },
  {
    name: 'refused by the HSM',
    arrange: ({ fake }) => {
      fake.failWith = new KeyholdError('HsmRefused', 'This key may not be used for that region.');
      return undefined;
    },
    message: /^This key may not be used for that region\.$/,
    codes: all('AccessDenied'),
  },
];

describe.each(CASES)('$name', ({ arrange, message, codes }) => {
  it.each(['sts', 'iam', 'dynamodb', 'ssm', 'lambda', 's3'] as const)(
    'reads as one clear sentence in %s, and is not retried',
    async (service) => {
      const harness = await startHarness();
      const key = arrange(harness);
      const seen = await failureOf(clients(harness, key)[service]);
      expect(seen.message).toMatch(message);
      expect(seen.name).toBe(codes[service]);
      expect(seen.attempts).toBe(1);
      expect(harness.upstream.seen).toEqual([]);
      await expect.poll(() => harness.fake.records.length).toBe(1);
      const [record] = harness.fake.records;
      expect(record).toMatchObject({ decision: 'denied', answered: seen.status, service });
      expect(record?.reason).toMatch(message);
      expect(record).not.toHaveProperty('status');
    },
  );

  it('answers HEAD with a status and no body', async () => {
    const harness = await startHarness();
    const key = arrange(harness);
    const answer = await harness.send({ method: 'HEAD', target: '/b/k', ...(key === undefined ? {} : { key }) });
    expect([400, 403]).toContain(answer.status);
    expect(answer.body).toHaveLength(0);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0);
    expect(answer.headers['x-amz-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('time', () => {
  const minutes = 60_000;
  it.each([
    [-6, 403],
    [-4.9, 200],
    [4.9, 200],
    [6, 403],
  ])('signed %d minutes from now: %d', async (offset, status) => {
    const harness = await startHarness();
    const answer = await harness.send({ now: Date.now() + offset * minutes, target: '/' });
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer.text).toContain('<Code>RequestTimeTooSkewed</Code>');
    expect(harness.upstream.seen).toEqual([]);
  });

  it('is refused before the body is read', async () => {
    const harness = await startHarness();
    const answer = await harness.send({
      method: 'POST',
      service: 'dynamodb',
      now: Date.now() - 10 * minutes,
      headers: [['X-Amz-Target', 'DynamoDB_20120810.ListTables']],
      body: Buffer.from('{}'),
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/"__type":"InvalidSignatureException","message":"Signature expired: /);
    await expect.poll(() => harness.fake.records[0]?.bytesIn).toBe(0);
  });
});

describe('tampering', () => {
  it('refuses an x-amz header that was not signed', async () => {
    const { send, upstream } = await startHarness();
    const answer = await send({
      method: 'PUT',
      target: '/b/k',
      tamper: (headers) => [...headers, ['x-amz-acl', 'public-read']],
    });
    expect([answer.status, upstream.seen]).toEqual([403, []]);
    expect(answer.text).toContain('not signed');
  });

  it.each<[string, { target: string } | { method: string }]>([
    ['path', { target: '/b/other' }],
    ['query', { target: '/b/k?versionId=2' }],
    ['method', { method: 'DELETE' }],
  ])('refuses another %s than the signed one', async (_what, change) => {
    const harness = await startHarness();
    const { headers } = harness.sign({ method: 'GET', target: '/b/k?versionId=1' });
    const { method = 'GET', target = '/b/k?versionId=1' }: { method?: string; target?: string } = change;
    const lines = headers.map(([name, value]) => `${name}: ${value}`).join('\r\n');
    const answer = await harness.raw(`${method} ${target} HTTP/1.1\r\n${lines}\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(harness.upstream.seen).toEqual([]);
  });

  it('refuses another body than the signed one, where the signature covers it', async () => {
    const { send, upstream } = await startHarness();
    const base = {
      method: 'POST',
      service: 'dynamodb',
      headers: [['X-Amz-Target', 'DynamoDB_20120810.ListTables']] as [string, string][],
    };
    const undeclared = await send({ ...base, body: Buffer.from('{"Limit":2}'), payloadHash: 'a'.repeat(64) });
    expect(undeclared.text).toContain('InvalidSignatureException');
    const declared = await send({
      ...base,
      body: Buffer.from('{"Limit":2}'),
      payloadHash: 'a'.repeat(64),
      declareHash: true,
    });
    expect(declared.text).toContain('InvalidSignatureException');
    const s3 = await send({ method: 'PUT', target: '/b/k', body: Buffer.from('other'), payloadHash: 'a'.repeat(64) });
    expect(s3.text).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
    expect(upstream.seen).toEqual([]);
  });
});

describe('what cannot be forwarded', () => {
  it('names endpointUrl where the host does not follow from the request', async () => {
    const harness = await startHarness();
    delete harness.fake.client.account.endpointUrl;
    const answer = await harness.send({ service: 'execute-api', target: '/prod/pets' });
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([400, 'InvalidRequestException']);
    expect(answer.text).toContain('endpointUrl');
  });

  it.each([
    ['refused', 'http://127.0.0.1:9', /refuses connections/],
    ['unresolvable', 'https://no-such-host.invalid', /cannot be resolved/],
    ['not HTTP', '', /could not reach/],
  ])('502 when the upstream is %s, retried by the SDK as its own rules say', async (_name, url, message) => {
    const harness = await startHarness();
    const { upstream } = harness;
    upstream.onHead = (_request, response) => {
      response.socket?.end('not http at all\r\n\r\n');
      return true;
    };
    harness.fake.client.account.endpointUrl = url === '' ? upstream.url : url;
    const seen = await failureOf(clients(harness).sts);
    expect(seen).toMatchObject({ name: 'ServiceUnavailable', status: 502, attempts: 3 });
    expect(seen.message).toMatch(message);
    await expect.poll(() => harness.fake.records.length).toBe(3);
    expect(harness.fake.records[0]).toMatchObject({ decision: 'allowed', answered: 502 });
  });

  it('says what a person can do something about', async () => {
    const harness = await startHarness();
    harness.fake.failWith = new KeyholdError('DiskFull', 'The disk is full; free some space.');
    const answer = await harness.send({});
    expect([answer.status, answer.text.includes('The disk is full; free some space.')]).toEqual([500, true]);
  });

  it('keeps an unexpected failure to itself', async () => {
    const harness = await startHarness();
    harness.fake.failWith = new TypeError('secret internals');
    const answer = await harness.send({});
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret internals');
    expect(harness.fake.records[0]?.reason).not.toContain('secret internals');
  });
});

describe('error shapes', () => {
  const error = new AwsError('AccessDenied', 'No <b> & "that".');
  const text = (dialect: Dialect): string => Buffer.from(renderError(error, dialect, 'id-1').body).toString('utf8');
  it('EC2', () => {
    expect(text('ec2')).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>No &lt;b&gt; &amp; &quot;that&quot;.</Message></Error></Errors><RequestID>id-1</RequestID></Response>',
    );
  });
  it('query', () => {
    expect(text('query')).toContain('<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>');
  });
  it('JSON', () => {
    const { headers } = renderError(error, 'json', 'id-1');
    expect(JSON.parse(text('json'))).toEqual({ __type: 'AccessDeniedException', message: 'No <b> & "that".' });
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-amzn-RequestId': 'id-1',
      'x-amzn-ErrorType': 'AccessDeniedException',
    });
  });
  it('CBOR', () => {
    const rendered = renderError(error, 'cbor', 'id-1');
    expect(Object.fromEntries(rendered.headers)).toMatchObject({
      'smithy-protocol': 'rpc-v2-cbor',
      'Content-Type': 'application/cbor',
    });
    expect(decodeCbor(Buffer.from(rendered.body))).toEqual({
      __type: 'AccessDeniedException',
      message: 'No <b> & "that".',
    });
  });

  it('any message is well-formed XML and one header line each (property)', () => {
    const refusals: Refusal[] = ['AccessDenied', 'Locked', 'Internal', 'UnknownClient'];
    const dialects: Dialect[] = ['s3', 'query', 'ec2', 'json', 'rest-json', 'cbor', 'plain'];
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...refusals),
        fc.constantFrom(...dialects),
        (message, refusal, dialect) => {
          const rendered = renderError(new AwsError(refusal, message), dialect, 'id-1');
          for (const [name, value] of rendered.headers) expect(`${name}: ${value}`).toMatch(/^[ -~]+$/);
          expect(rendered.status).toBeGreaterThanOrEqual(400);
          expect(escapeXml(message)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|apos);)/);
          expect(escapeXml(message)).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
        },
      ),
      { seed: 4587 },
    );
  });

  it.each<[Dialect, string | undefined, Record<string, string>, string]>([
    ['cbor', 'monitoring', { 'smithy-protocol': 'rpc-v2-cbor' }, ''],
    ['json', 'ssm', { 'x-amz-target': 'AmazonSSM.GetParameter', 'content-type': 'application/x-amz-json-1.1' }, ''],
    ['s3', 's3', {}, ''],
    ['ec2', 'ec2', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, ''],
    ['query', 'sts', {}, 'Action=GetCallerIdentity&Version=2011-06-15'],
    ['query', 'route53', {}, ''],
    ['rest-json', 'lambda', { 'content-type': 'application/json' }, ''],
    ['plain', undefined, { accept: 'text/html,*/*' }, ''],
    ['s3', undefined, {}, ''],
  ])('%s for %s', (dialect, service, headers, query) => {
    expect(detectDialect({ service, query, header: (name) => headers[name] })).toBe(dialect);
  });
});
