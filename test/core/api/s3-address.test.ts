import { expect, test } from 'vitest';
import { s3Address } from '../../../src/core/api/s3-address.ts';

test.each([
  ['bucket', 'us-east-1', undefined, 'https://bucket.s3.us-east-1.amazonaws.com'],
  ['with.dots', 'us-east-1', undefined, 'https://s3.us-east-1.amazonaws.com/with.dots'],
  ['Capital', 'us-east-1', undefined, 'https://s3.us-east-1.amazonaws.com/Capital'],
  ['under_score', 'us-east-1', undefined, 'https://s3.us-east-1.amazonaws.com/under_score'],
  ['x'.repeat(64), 'us-east-1', undefined, `https://s3.us-east-1.amazonaws.com/${'x'.repeat(64)}`],
  ['bucket', 'cn-north-1', undefined, 'https://bucket.s3.cn-north-1.amazonaws.com.cn'],
  ['bucket', 'us-gov-west-1', undefined, 'https://bucket.s3.us-gov-west-1.amazonaws.com'],
  ['bucket', 'eusc-de-east-1', undefined, 'https://bucket.s3.eusc-de-east-1.amazonaws.eu'],
  ['bucket', 'eu-west-1', 'https://minio.example:9000', 'https://minio.example:9000/bucket'],
])('the address of %s in %s', (bucket, region, endpointUrl, expected) => {
  const { scheme, host, pathPrefix } = s3Address(bucket, region, endpointUrl);
  expect(`${scheme}://${host}${pathPrefix}`).toBe(expected);
});
