import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type EndpointQuestion, resolveEndpoint } from '../../src/aws/forward/resolve-endpoint.ts';
import { AwsError } from '../../src/aws/protocol/aws-error.ts';

const Row = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string().nullable(),
  z.string(),
]);
const rows = z.array(Row).parse(JSON.parse(readFileSync(new URL('fixtures/endpoints.json', import.meta.url), 'utf8')));

const ask = (question: Partial<EndpointQuestion>): EndpointQuestion => ({
  service: 'sts',
  region: 'us-east-1',
  method: 'POST',
  path: '/',
  ...question,
});
const url = (question: Partial<EndpointQuestion>): string => {
  const { protocol, host, pathPrefix } = resolveEndpoint(ask(question));
  return `${protocol}//${host}${pathPrefix}`;
};
const refusal = (question: Partial<EndpointQuestion>): string => {
  try {
    return `resolved to ${url(question)}`;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    expect(error.message).toContain('endpointUrl');
    return error.refusal;
  }
};

describe('against botocore', () => {
  it(`agrees with what botocore resolves, ${rows.length} services and regions`, () => {
    expect(rows.length).toBeGreaterThan(600);
    const wrong: string[] = [];
    for (const [id, service, region, expected, signingRegion, method, uri, target, protocol] of rows) {
      const path = uri.replace(/\{[^}]*\}/g, 'x1');
      const question = ask({
        service,
        region,
        method,
        path,
        ...(target === null ? {} : { target }),
        isQuery: protocol === 'query' || protocol === 'ec2',
        ...(id === 's3control' ? { accountId: '123456789012' } : {}),
      });
      const seen = `${url(question)} ${resolveEndpoint(question).region}`;
      // botocore keeps S3's legacy global host for us-east-1; the door asks the region itself.
      if (id === 's3' && region === 'us-east-1') continue;
      if (seen !== `${expected} ${signingRegion}`)
        wrong.push(`${id} ${region}: ${seen}, not ${expected} ${signingRegion}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('one signing name, several hosts', () => {
  it.each([
    [{ service: 'dynamodb', target: 'DynamoDB_20120810.PutItem' }, 'https://dynamodb.us-east-1.amazonaws.com'],
    [
      { service: 'dynamodb', target: 'DynamoDBStreams_20120810.GetRecords' },
      'https://streams.dynamodb.us-east-1.amazonaws.com',
    ],
    [
      { service: 'bedrock', path: '/model/some.model-v1%3A0/converse' },
      'https://bedrock-runtime.us-east-1.amazonaws.com',
    ],
    [{ service: 'bedrock', method: 'GET', path: '/foundation-models' }, 'https://bedrock.us-east-1.amazonaws.com'],
    [{ service: 'bedrock', method: 'PUT', path: '/agents/' }, 'https://bedrock-agent.us-east-1.amazonaws.com'],
    [{ service: 'bedrock', path: '/retrieveAndGenerate' }, 'https://bedrock-agent-runtime.us-east-1.amazonaws.com'],
    [{ service: 'sagemaker', target: 'SageMaker.ListModels' }, 'https://api.sagemaker.us-east-1.amazonaws.com'],
    [
      { service: 'sagemaker', path: '/endpoints/mine/invocations' },
      'https://runtime.sagemaker.us-east-1.amazonaws.com',
    ],
    [{ service: 'ses', isQuery: true }, 'https://email.us-east-1.amazonaws.com'],
    [{ service: 'ses', path: '/v2/email/outbound-emails' }, 'https://email.us-east-1.amazonaws.com'],
    [{ service: 'logs', target: 'Logs_20140328.PutLogEvents' }, 'https://logs.us-east-1.amazonaws.com'],
    [{ service: 'logs', target: 'Logs_20140328.StartLiveTail' }, 'https://stream-logs.us-east-1.amazonaws.com'],
    [
      { service: 'states', target: 'AWSStepFunctions.StartSyncExecution' },
      'https://sync-states.us-east-1.amazonaws.com',
    ],
    [
      { service: 'aws-marketplace', path: '/service/AWSMPEntitlementService/operation/GetEntitlements' },
      'https://entitlement.marketplace.us-east-1.amazonaws.com',
    ],
    [{ service: 'lambda', path: '/2015-03-31/functions/f/invocations' }, 'https://lambda.us-east-1.amazonaws.com'],
    [
      { service: 's3', method: 'GET', path: '/v20180820/jobs', accountId: '123456789012' },
      'https://123456789012.s3-control.us-east-1.amazonaws.com',
    ],
    [{ service: 's3', method: 'GET', path: '/v20180820/key' }, 'https://s3.us-east-1.amazonaws.com'],
    [{ service: 's3', method: 'GET', path: '/key', bucket: 'one' }, 'https://one.s3.us-east-1.amazonaws.com'],
    [{ service: 's3', method: 'GET', path: '/key', bucket: 'one.two' }, 'https://s3.us-east-1.amazonaws.com/one.two'],
  ])('%j → %s', (question, expected) => {
    expect(url(question)).toBe(expected);
  });
});

describe('partitions and global services', () => {
  it.each([
    [{ service: 'sts', region: 'aws-global' }, 'https://sts.us-east-1.amazonaws.com', 'us-east-1'],
    [{ service: 'iam', region: 'eu-central-1' }, 'https://iam.amazonaws.com', 'us-east-1'],
    [{ service: 'iam', region: 'us-gov-east-1' }, 'https://iam.us-gov.amazonaws.com', 'us-gov-west-1'],
    [
      { service: 'route53', region: 'ap-south-1', method: 'GET', path: '/2013-04-01/hostedzone' },
      'https://route53.amazonaws.com',
      'us-east-1',
    ],
    [{ service: 's3', region: 'cn-north-1' }, 'https://s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    [{ service: 'ec2', region: 'us-iso-east-1' }, 'https://ec2.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'],
  ])('%j → %s, signed for %s', (question, expected, region) => {
    expect(url(question)).toBe(expected);
    expect(resolveEndpoint(ask(question)).region).toBe(region);
  });
});

describe('endpointUrl', () => {
  it('decides everything and keeps its path, port and protocol', () => {
    expect(
      resolveEndpoint(ask({ service: 'nobody-knows', region: 'home-1', endpointUrl: 'http://[::1]:9000/aws/v1/' })),
    ).toEqual({
      protocol: 'http:',
      hostname: '::1',
      port: '9000',
      host: '[::1]:9000',
      pathPrefix: '/aws/v1',
      region: 'home-1',
    });
  });
  it('is asked in path style for a bucket in the host name', () => {
    expect(url({ service: 's3', bucket: 'b', endpointUrl: 'https://minio.example' })).toBe('https://minio.example/b');
  });
});

describe('what cannot be derived is refused', () => {
  it.each([
    { service: 'execute-api', method: 'GET', path: '/prod/pets' },
    { service: 'execute-api', method: 'GET', path: '/%40connections/abc' },
    { service: 'aoss', method: 'GET', path: '/_search' },
    { service: 'es', method: 'GET', path: '/_cluster/health' },
    { service: 'lambda', method: 'GET', path: '/' },
    { service: 'kinesisvideo', path: '/getMedia' },
    { service: 'vpc-lattice-svcs' },
    { service: 'constructor' },
    { service: '__proto__' },
    { service: 'bedrock', method: 'GET', path: '/__proto__/constructor' },
    { service: 's3', region: 'evil.example' },
    { service: 's3', region: 'us-east-1.evil.example#' },
    { service: 's3', region: 'us-east-1\n' },
    { service: 's3', region: 'mars-north-1' },
    { service: 's3', region: '__proto__' },
  ])('%j', (question) => {
    expect(refusal(question)).toBe('UnknownEndpoint');
  });

  it('never lets a client choose a host outside AWS (property)', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('s3', 'sts', 'us-east-1', 'us-east-1.evil.example', 'cn-a-1/'),
    );
    fc.assert(
      fc.property(text, text, fc.webPath(), text, (service, region, path, target) => {
        let host: string;
        try {
          host = resolveEndpoint(ask({ service, region, path, target })).hostname;
        } catch (error) {
          expect(error).toBeInstanceOf(AwsError);
          return;
        }
        expect(host).toMatch(/^[a-z0-9.-]+\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws|amazonaws\.eu|c2s\.ic\.gov)$/);
      }),
      { seed: 4587, numRuns: 500 },
    );
  });
});
