/** A tour through the services with AWS SDK for JavaScript v3, run under `keyhold exec`. Prints one JSON line per step. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const megabytes = Number(process.argv[2]);
const oddKeys = [
  'a:b:c',
  'double//slash',
  'with space and +plus',
  'ünïcode/✓.txt',
  'per%20cent%2Fencoded',
  "tilde~star*'()!",
];
const step = (name: string, value: unknown) => console.log(JSON.stringify({ step: name, value }));

step('sts', (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Account);

const s3 = new S3Client({});
const Bucket = 'tour-js';
await s3.send(new CreateBucketCommand({ Bucket }));
step(
  'buckets',
  ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map((b) => b.Name),
);
for (const Key of oddKeys) {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const back = await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  if (back !== Key) throw new Error(`${Key} came back as ${back}`);
}
const listed = ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map((o) => o.Key ?? '');
step('odd-keys', JSON.stringify(listed.toSorted()) === JSON.stringify(oddKeys.toSorted()));

const part = Buffer.alloc(8 << 20, 'keyhold');
const expected = createHash('sha256');
const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big.bin' }));
const Parts = [];
for (let sent = 0, PartNumber = 1; sent < megabytes << 20; PartNumber++) {
  const Body = part.subarray(0, Math.min(part.length, (megabytes << 20) - sent));
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: 'big.bin', UploadId, PartNumber, Body }));
  expected.update(Body);
  sent += Body.length;
  Parts.push({ PartNumber, ETag });
}
await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'big.bin', UploadId, MultipartUpload: { Parts } }));
const got = createHash('sha256');
const body = (await s3.send(new GetObjectCommand({ Bucket, Key: 'big.bin' }))).Body;
if (!body || !(Symbol.asyncIterator in body)) throw new Error('no body');
for await (const bytes of body as AsyncIterable<Uint8Array>) got.update(bytes);
step('multipart', got.digest('hex') === expected.digest('hex'));

step(
  'presigned-get',
  (await send(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'a:b:c' }), { expiresIn: 60 }), 'GET')).body,
);
const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'presigned put' }), { expiresIn: 60 });
step('presigned-put-status', (await send(put, 'PUT', 'by url')).status);

step('dynamodb', (await new DynamoDBClient({}).send(new ListTablesCommand({}))).TableNames);
step('ssm', (await new SSMClient({}).send(new GetParameterCommand({ Name: '/tour/greeting' }))).Parameter?.Value);
step(
  'iam',
  ((await new IAMClient({}).send(new ListUsersCommand({}))).Users ?? []).map((u) => u.UserName),
);
const invoked = await new LambdaClient({}).send(
  new InvokeCommand({ FunctionName: 'echo', Payload: new TextEncoder().encode(JSON.stringify({ hello: 'wörld' })) }),
);
step('lambda', JSON.parse(new TextDecoder().decode(invoked.Payload)));

/** Node's own fetch sends Sec-Fetch-Mode as a browser does, and browsers are refused: so without it. */
function send(url: string, method: string, body = ''): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: body === '' ? {} : { 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
    });
    outgoing.end(body);
  });
}
