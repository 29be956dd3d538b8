import {
  DeleteObjects$,
  DeleteObjectsCommand,
  type DeleteObjectsCommandInput,
  type DeleteObjectsCommandOutput,
  GetBucketAcl$,
  GetBucketAclCommand,
  type GetBucketAclCommandInput,
  type GetBucketAclCommandOutput,
  GetObject$,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  HeadObject$,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  ListBuckets$,
  ListBucketsCommand,
  type ListBucketsCommandInput,
  type ListBucketsCommandOutput,
  ListObjectsV2$,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutBucketAcl$,
  PutBucketAclCommand,
  type PutBucketAclCommandInput,
  type PutBucketAclCommandOutput,
  PutObject$,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type S3,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { operation } from '../../../src/aws/local/operation.ts';
import { ServiceError } from '../../../src/aws/local/service-error.ts';
import { CREDENTIALS, FREE, partOf, REGION, serve } from './harness.ts';

const seen: unknown[] = [];
const WHEN = new Date('2026-01-02T03:04:05Z');

const s3 = partOf<S3>({
  name: 's3',
  signingName: 's3',
  version: '2006-03-01',
  protocols: ['restXml'],
  xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  constraints: { structures: {}, shapes: {} },
  operations: {
    ListBuckets: operation<ListBucketsCommandInput, ListBucketsCommandOutput>(ListBuckets$, {
      authorize: () => FREE,
      handle: () => ({ Buckets: [{ Name: 'a', CreationDate: WHEN }, { Name: 'b' }], Owner: { ID: '1' } }),
    }),
    ListObjectsV2: operation<ListObjectsV2CommandInput, ListObjectsV2CommandOutput>(ListObjectsV2$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        return {
          Contents: [{ Key: 'k<1>', Size: 5, LastModified: WHEN, ChecksumAlgorithm: ['CRC32', 'SHA1'] }],
          KeyCount: 1,
        };
      },
    }),
    GetObject: operation<GetObjectCommandInput, GetObjectCommandOutput>(GetObject$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        if (input.Key === 'missing') {
          throw new ServiceError('NoSuchKey', 'The specified key does not exist.', {
            status: 404,
            members: { Key: 'missing' },
          });
        }
        return {
          Body: Buffer.from('content'),
          LastModified: WHEN,
          ETag: '"e"',
          Metadata: { a: 'b' },
          ContentType: 'text/x',
        };
      },
    }),
    HeadObject: operation<HeadObjectCommandInput, HeadObjectCommandOutput>(HeadObject$, {
      authorize: () => FREE,
      handle: () => ({ ContentLength: 12_345, DeleteMarker: false, LastModified: WHEN }),
    }),
    PutObject: operation<PutObjectCommandInput, PutObjectCommandOutput>(PutObject$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        return { ETag: '"e"', Size: 3 };
      },
    }),
    DeleteObjects: operation<DeleteObjectsCommandInput, DeleteObjectsCommandOutput>(DeleteObjects$, {
      authorize: () => FREE,
      handle({ Delete }) {
        seen.push(Delete);
        return { Deleted: Delete.Objects.map(({ Key }) => ({ Key })), Errors: [{ Key: 'x', Code: 'AccessDenied' }] };
      },
    }),
    GetBucketAcl: operation<GetBucketAclCommandInput, GetBucketAclCommandOutput>(GetBucketAcl$, {
      authorize: () => FREE,
      handle: () => ({
        Owner: { ID: '1' },
        Grants: [{ Grantee: { Type: 'CanonicalUser', ID: '1' }, Permission: 'FULL_CONTROL' }],
      }),
    }),
    PutBucketAcl: operation<PutBucketAclCommandInput, PutBucketAclCommandOutput>(PutBucketAcl$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input.AccessControlPolicy);
        return {};
      },
    }),
  },
});

const server = await serve(s3);
const client = new S3Client({
  endpoint: server.url,
  region: REGION,
  credentials: CREDENTIALS,
  forcePathStyle: true,
  maxAttempts: 1,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});

test('lists with names of their own, and flattened ones', async () => {
  const { Buckets, Owner } = await client.send(new ListBucketsCommand());
  expect(Buckets).toEqual([{ Name: 'a', CreationDate: WHEN }, { Name: 'b' }]);
  expect(Owner).toEqual({ ID: '1' });
  const { Contents } = await client.send(
    new ListObjectsV2Command({ Bucket: 'bucket', Prefix: 'a b', MaxKeys: 3, FetchOwner: true }),
  );
  expect(Contents).toEqual([{ Key: 'k<1>', Size: 5, LastModified: WHEN, ChecksumAlgorithm: ['CRC32', 'SHA1'] }]);
  expect(seen.pop()).toMatchObject({ Bucket: 'bucket', Prefix: 'a b', MaxKeys: 3, FetchOwner: true });
});

test('bodies, headers and metadata', async () => {
  await client.send(
    new PutObjectCommand({
      Bucket: 'bucket',
      Key: 'folder/ä b/',
      Body: 'abc',
      ContentType: 'text/x',
      Metadata: { colour: 'red' },
      Expires: WHEN,
      BucketKeyEnabled: true,
    }),
  );
  expect(seen.pop()).toMatchObject({
    Bucket: 'bucket',
    Key: 'folder/ä b/',
    Body: Buffer.from('abc'),
    ContentType: 'text/x',
    ContentLength: 3,
    Metadata: { colour: 'red' },
    BucketKeyEnabled: true,
  });
  const got = await client.send(
    new GetObjectCommand({ Bucket: 'bucket', Key: 'k//x', IfModifiedSince: WHEN, PartNumber: 2 }),
  );
  expect(await got.Body?.transformToString()).toBe('content');
  expect(got).toMatchObject({ LastModified: WHEN, ETag: '"e"', Metadata: { a: 'b' }, ContentType: 'text/x' });
  expect(seen.pop()).toMatchObject({ Bucket: 'bucket', Key: 'k//x', IfModifiedSince: WHEN, PartNumber: 2 });
  expect(await client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'k' }))).toMatchObject({
    ContentLength: 12_345,
    LastModified: WHEN,
  });
});

test('XML in the request', async () => {
  const Objects = [{ Key: 'a<b>&c' }, { Key: 'd', VersionId: '1', LastModifiedTime: WHEN }];
  const answer = await client.send(new DeleteObjectsCommand({ Bucket: 'bucket', Delete: { Objects, Quiet: true } }));
  expect(seen.pop()).toEqual({ Objects, Quiet: true });
  expect(answer).toMatchObject({
    Deleted: [{ Key: 'a<b>&c' }, { Key: 'd' }],
    Errors: [{ Key: 'x', Code: 'AccessDenied' }],
  });
});

test('attributes and namespaces, both ways', async () => {
  const { Grants, Owner } = await client.send(new GetBucketAclCommand({ Bucket: 'bucket' }));
  expect({ Grants, Owner }).toEqual({
    Grants: [{ Grantee: { Type: 'CanonicalUser', ID: '1' }, Permission: 'FULL_CONTROL' }],
    Owner: { ID: '1' },
  });
  await client.send(new PutBucketAclCommand({ Bucket: 'bucket', AccessControlPolicy: { Grants, Owner } }));
  expect(seen.pop()).toEqual({ Grants, Owner });
});

test('errors as S3 writes them', async () => {
  const error = await client
    .send(new GetObjectCommand({ Bucket: 'bucket', Key: 'missing' }))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'NoSuchKey', message: 'The specified key does not exist.', Key: 'missing' });
  const response = await fetch(`${server.url}/bucket/k`, { method: 'PATCH' });
  expect(response.status).toBe(405);
  expect(await response.text()).toContain('<Error><Code>MethodNotAllowed</Code>');
});

test.each([
  ['<Delete>', 'it ends too early'],
  ['<!DOCTYPE x [<!ENTITY a "b">]><Delete>&a;</Delete>', 'a document type is not allowed'],
  ['<Delete><Quiet>yes</Quiet></Delete>', 'A boolean is true or false, not "yes".'],
  ['<Delete><Quiet>true</Quiet><Quiet>true</Quiet></Delete>', 'The element Quiet is given twice.'],
])('%s is malformed', async (body, why) => {
  const response = await fetch(`${server.url}/bucket?delete`, { method: 'POST', body });
  expect(response.status).toBe(400);
  const text = await response.text();
  expect(text).toContain('<Error><Code>MalformedXML</Code>');
  expect(text).toContain(why.replaceAll('"', '&quot;'));
  expect(response.headers.get('x-amz-request-id')).toBe(server.exchanges.at(-1)?.id);
});
