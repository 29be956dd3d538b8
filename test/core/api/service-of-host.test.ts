import { expect, test } from 'vitest';
import { serviceOfHost } from '../../../src/core/api/service-of-host.ts';

test.each([
  ['sts.eu-west-1.amazonaws.com', 'sts', 'eu-west-1'],
  ['sts.amazonaws.com', 'sts', 'us-east-1'],
  ['iam.amazonaws.com', 'iam', 'us-east-1'],
  ['s3.amazonaws.com', 's3', 'us-east-1'],
  ['bucket.s3.amazonaws.com', 's3', 'us-east-1'],
  ['bucket.s3.eu-central-1.amazonaws.com', 's3', 'eu-central-1'],
  ['my.bucket.s3.eu-central-1.amazonaws.com', 's3', 'eu-central-1'],
  ['s3.dualstack.eu-west-1.amazonaws.com', 's3', 'eu-west-1'],
  ['bucket.s3-us-west-2.amazonaws.com', 's3', 'us-west-2'],
  ['dynamodb.us-west-2.amazonaws.com', 'dynamodb', 'us-west-2'],
  ['streams.dynamodb.us-west-2.amazonaws.com', 'dynamodb', 'us-west-2'],
  ['kms-fips.us-east-1.amazonaws.com', 'kms', 'us-east-1'],
  ['email.eu-west-1.amazonaws.com', 'ses', 'eu-west-1'],
  ['abc123.execute-api.eu-west-1.amazonaws.com', 'execute-api', 'eu-west-1'],
  ['abc.lambda-url.eu-west-1.on.aws', 'lambda', 'eu-west-1'],
  ['api.ecr.eu-west-1.amazonaws.com', 'ecr', 'eu-west-1'],
  ['ec2.cn-north-1.amazonaws.com.cn', 'ec2', 'cn-north-1'],
  ['bedrock-runtime.us-east-1.amazonaws.com', 'bedrock', 'us-east-1'],
])('%s is %s in %s', (host, service, region) => {
  expect(serviceOfHost(host)).toEqual({ service, region });
});

test.each(['localhost', 'example.com', 'amazonaws.com.evil.example', '127.0.0.1', 'amazonaws.com', ''])(
  '%s is no host of AWS',
  (host) => {
    expect(serviceOfHost(host)).toBeNull();
  },
);
