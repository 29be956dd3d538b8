import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationName } from '../../src/aws/operation/operation-name.ts';

type Input = Parameters<typeof operationName>[0];

function call(method: string, target: string, headers: Record<string, string> = {}, bucketInHost = false): Input {
  const [path = '/', query = ''] = target.split(/\?(.*)/s);
  return {
    wire: { method, path, query, headers: [], charset: 'latin1' },
    header: (name) => headers[name],
    hostPrefix: bucketInHost ? 'bucket' : undefined,
  };
}
const CBOR = { 'smithy-protocol': 'rpc-v2-cbor' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

describe('S3', () => {
  it.each<[string, string, string, Record<string, string>?]>([
    ['GET', '/', 'ListBuckets'],
    ['GET', '/b', 'ListObjects'],
    ['GET', '/b/', 'ListObjects'],
    ['GET', '/b?list-type=2&prefix=secret', 'ListObjectsV2'],
    ['GET', '/b?versions', 'ListObjectVersions'],
    ['GET', '/b?uploads', 'ListMultipartUploads'],
    ['GET', '/b?location', 'GetBucketLocation'],
    ['GET', '/b?policy', 'GetBucketPolicy'],
    ['GET', '/b?policyStatus', 'GetBucketPolicyStatus'],
    ['GET', '/b?analytics', 'ListBucketAnalyticsConfigurations'],
    ['GET', '/b?analytics&id=x', 'GetBucketAnalyticsConfiguration'],
    ['HEAD', '/b', 'HeadBucket'],
    ['PUT', '/b', 'CreateBucket'],
    ['PUT', '/b?policy=', 'PutBucketPolicy'],
    ['DELETE', '/b', 'DeleteBucket'],
    ['DELETE', '/b?cors', 'DeleteBucketCors'],
    ['POST', '/b?delete', 'DeleteObjects'],
    ['GET', '/b/k?x-id=GetObject', 'GetObject'],
    ['GET', '/b/policy', 'GetObject'],
    ['GET', '/b/k?uploadId=1', 'ListParts'],
    ['GET', '/b/k?tagging', 'GetObjectTagging'],
    ['HEAD', '/b/k', 'HeadObject'],
    ['PUT', '/b/k', 'PutObject'],
    ['PUT', '/b//k', 'PutObject'],
    ['PUT', '/b/k', 'CopyObject', { 'x-amz-copy-source': '/a/k' }],
    ['PUT', '/b/k?partNumber=1&uploadId=1', 'UploadPart'],
    ['PUT', '/b/k?partNumber=1&uploadId=1', 'UploadPartCopy', { 'x-amz-copy-source': '/a/k' }],
    ['PUT', '/b/k?acl', 'PutObjectAcl'],
    ['POST', '/b/k?uploads', 'CreateMultipartUpload'],
    ['POST', '/b/k?uploadId=1', 'CompleteMultipartUpload'],
    ['POST', '/b/k?restore', 'RestoreObject'],
    ['POST', '/b/k?select&select-type=2', 'SelectObjectContent'],
    ['DELETE', '/b/k', 'DeleteObject'],
    ['DELETE', '/b/k?uploadId=1', 'AbortMultipartUpload'],
    ['PATCH', '/b/k', 'PATCH object'],
    ['GET', '/v20180820/jobs', 'GET s3-control', { 'x-amz-account-id': '123456789012' }],
  ])('%s %s is %s', (method, target, name, headers = {}) => {
    expect(operationName(call(method, target, headers), 's3')).toBe(name);
  });

  it('with the bucket in the host name', () => {
    expect(operationName(call('GET', '/?list-type=2', {}, true), 's3')).toBe('ListObjectsV2');
    expect(operationName(call('GET', '/k', {}, true), 's3')).toBe('GetObject');
  });
});

describe('other protocols', () => {
  it.each<[string, Input, string, Buffer | undefined, string]>([
    ['JSON', call('POST', '/', { 'x-amz-target': 'DynamoDB_20120810.PutItem' }), 'dynamodb', undefined, 'PutItem'],
    ['JSON, odd target', call('POST', '/', { 'x-amz-target': 'X.Put Item\u0007' }), 'dynamodb', undefined, 'POST /'],
    [
      'RPC v2 CBOR',
      call('POST', '/service/GraniteServiceVersion20100801/operation/PutMetricData', CBOR),
      'monitoring',
      undefined,
      'PutMetricData',
    ],
    ['query form', call('POST', '/', FORM), 'iam', Buffer.from('Version=2010-05-08&Action=ListUsers'), 'ListUsers'],
    ['query string', call('GET', '/?Action=GetCallerIdentity&Version=1'), 'sts', undefined, 'GetCallerIdentity'],
    ['two actions', call('POST', '/?Action=ListUsers', FORM), 'iam', Buffer.from('Action=DeleteUser'), 'POST /'],
    ['an encoded action', call('POST', '/', FORM), 'iam', Buffer.from('%41ction=Delete%55ser'), 'DeleteUser'],
    [
      'a queue’s own path',
      call('POST', '/123456789012/q', FORM),
      'sqs',
      Buffer.from('Action=SendMessage'),
      'SendMessage',
    ],
    ['Lambda', call('POST', '/2015-03-31/functions/f%3Aprod/invocations'), 'lambda', undefined, 'Invoke'],
    ['Lambda, other', call('GET', '/2015-03-31/functions/f'), 'lambda', undefined, 'GET /2015-03-31'],
    ['REST', call('GET', '/clusters/my-cluster?x=y'), 'eks', undefined, 'GET /clusters'],
    ['REST, odd segment', call('GET', '/a%20b/c'), 'eks', undefined, 'GET /'],
  ])('%s', (_name, input, service, form, expected) => {
    expect(operationName(input, service, form)).toBe(expected);
  });

  it.each<[string, Input, string, string | undefined, string]>([
    ['S3, a target', call('DELETE', '/victim/k', { 'x-amz-target': 'X.ListBuckets' }), 's3', '', 'DeleteObject'],
    ['S3, an RPC path', call('PUT', '/service/x/operation/ListBuckets', CBOR), 's3', '', 'PutObject'],
    ['S3, an action', call('DELETE', '/victim?Action=ListBuckets'), 's3', '', 'DeleteBucket'],
    ['S3, two sub-resources', call('PUT', '/b?tagging&policy'), 's3', '', 'PUT bucket'],
    ['S3, an encoded sub-resource', call('PUT', '/b/k?%61cl'), 's3', '', 'PutObjectAcl'],
    [
      'S3 Express, a target',
      call('DELETE', '/b/k', { 'x-amz-target': 'X.GetObject' }),
      's3express',
      '',
      'DeleteObject',
    ],
    [
      'REST, an action',
      call('DELETE', '/2015-03-31/functions/x?Action=ListFunctions'),
      'lambda',
      '',
      'DELETE /2015-03-31',
    ],
    [
      'REST, a target',
      call('DELETE', '/clusters/x', { 'x-amz-target': 'X.ListClusters' }),
      'eks',
      '',
      'DELETE /clusters',
    ],
    ['REST, an RPC path', call('POST', '/service/x/operation/ListClusters', CBOR), 'eks', '', 'POST /service'],
    ['an unknown service, a target', call('POST', '/', { 'x-amz-target': 'X.List' }), 'no-such-service', '', 'POST /'],
    [
      'query, a target',
      call('POST', '/', { ...FORM, 'x-amz-target': 'X.ListUsers' }),
      'iam',
      'Action=DeleteUser',
      'DeleteUser',
    ],
    [
      'query, an RPC path',
      call('POST', '/service/x/operation/ListUsers', CBOR),
      'iam',
      'Action=DeleteUser',
      'POST /service',
    ],
    ['query, two spellings', call('POST', '/', FORM), 'iam', 'Action=ListUsers&action=DeleteUser', 'POST /'],
    ['query, an encoded second', call('POST', '/', FORM), 'iam', 'Action=ListUsers&%41ction=DeleteUser', 'POST /'],
    [
      'query, a second behind a semicolon',
      call('POST', '/', FORM),
      'iam',
      'Action=ListUsers&a=b;Action=DeleteUser',
      'POST /',
    ],
    ['query, a form that says it is none', call('POST', '/?Action=ListUsers'), 'iam', 'Action=DeleteUser', 'POST /'],
    ['query, a body that is not known', call('POST', '/?Action=ListUsers'), 'iam', undefined, 'POST /'],
    [
      'JSON, an action',
      call('POST', '/?Action=ListTables', { 'x-amz-target': 'X.DeleteTable' }),
      'dynamodb',
      '{}',
      'DeleteTable',
    ],
    [
      'JSON, two targets',
      call('POST', '/', { 'x-amz-target': 'X.DeleteTable, X.ListTables' }),
      'dynamodb',
      '{}',
      'POST /',
    ],
    [
      'JSON, a REST path',
      call('POST', '/endpoints/e/invocations', { 'x-amz-target': 'SageMaker.ListModels' }),
      'sagemaker',
      '{}',
      'POST /endpoints',
    ],
    ['CBOR without its header', call('POST', '/service/x/operation/ListMetrics'), 'monitoring', '', 'POST /service'],
    [
      'two protocols at once',
      call('POST', '/', { ...FORM, 'x-amz-target': 'X.ListMetrics' }),
      'monitoring',
      'Action=DeleteAlarms',
      'POST /',
    ],
  ])('is not what the service does not look at: %s', (_name, input, service, body, expected) => {
    expect(operationName(input, service, body === undefined ? undefined : Buffer.from(body))).toBe(expected);
  });

  it('is short and printable, whatever comes in, and never shows a key or a query value (property)', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'PUT', 'POST'),
        text,
        text,
        text,
        fc.constantFrom('s3', 'iam', 'lambda'),
        (method, path, query, target, service) => {
          const input = call(
            method,
            `/b/hidden-${path.replaceAll('?', '')}?x=hidden-${query}`,
            target.length > 150 ? { 'x-amz-target': target } : {},
          );
          const name = operationName(input, service, Buffer.from(`a=hidden-${query}`));
          expect(name).toMatch(/^[ -~]{1,160}$/);
          expect(name).not.toContain('hidden');
        },
      ),
      { seed: 4587 },
    );
  });
});
