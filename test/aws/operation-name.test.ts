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
    ['JSON, odd target', call('POST', '/', { 'x-amz-target': 'X.Put Item\u0007' }), 'dynamodb', undefined, 'POST'],
    [
      'RPC v2 CBOR',
      call('POST', '/service/GraniteServiceVersion20100801/operation/PutMetricData'),
      'monitoring',
      undefined,
      'PutMetricData',
    ],
    ['query form', call('POST', '/', FORM), 'iam', Buffer.from('Version=2010-05-08&Action=ListUsers'), 'ListUsers'],
    ['query string', call('GET', '/?Action=GetCallerIdentity&Version=1'), 'sts', undefined, 'GetCallerIdentity'],
    ['two actions', call('POST', '/?Action=ListUsers', FORM), 'iam', Buffer.from('Action=DeleteUser'), 'POST /'],
    ['an encoded action', call('POST', '/', FORM), 'iam', Buffer.from('%41ction=DeleteUser'), 'POST /'],
    ['Lambda', call('POST', '/2015-03-31/functions/f%3Aprod/invocations'), 'lambda', undefined, 'Invoke'],
    ['Lambda, other', call('GET', '/2015-03-31/functions/f'), 'lambda', undefined, 'GET /2015-03-31'],
    ['REST', call('GET', '/clusters/my-cluster?x=y'), 'eks', undefined, 'GET /clusters'],
    ['REST, odd segment', call('GET', '/a%20b/c'), 'eks', undefined, 'GET /'],
  ])('%s', (_name, input, service, form, expected) => {
    expect(operationName(input, service, form)).toBe(expected);
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
