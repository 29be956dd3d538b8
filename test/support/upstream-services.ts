import { createHash, randomUUID } from 'node:crypto';
import type { SignedBy } from './upstream-verify.ts';

/** What a small AWS needs to answer one verified request. */
export interface AwsCall {
  by: SignedBy;
  method: string;
  /** Raw path and query. */
  path: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
  /** Decoded body: without chunk framing. */
  body: Buffer;
}

export interface AwsReply {
  status: number;
  headers: Record<string, string>;
  /** Parts are written one after the other, with back-pressure. */
  body: Buffer[];
}

const ACCOUNT = '123456789012';
const xmlText = (text: string): string =>
  text.replace(/[&<>"\r]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' })[c] ?? c);

export function reply(status: number, type: string, text: string, headers: Record<string, string> = {}): AwsReply {
  return { status, headers: { 'content-type': type, ...headers }, body: [Buffer.from(text)] };
}

export function s3Error(status: number, code: string, message = code): AwsReply {
  return reply(
    status,
    'application/xml',
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${xmlText(message)}</Message><RequestId>UPSTREAM</RequestId></Error>`,
  );
}

function queryReply(version: string, action: string, result: string): AwsReply {
  const xmlns = `https://${version}`;
  return reply(
    200,
    'text/xml',
    `<${action}Response xmlns="${xmlns}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );
}

function sts(call: AwsCall): AwsReply {
  const action = new URLSearchParams(call.body.toString()).get('Action') ?? call.query.get('Action');
  if (action !== 'GetCallerIdentity')
    return reply(400, 'text/xml', '<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>');
  return queryReply(
    'sts.amazonaws.com/doc/2011-06-15/',
    action,
    `<Arn>arn:aws:iam::${ACCOUNT}:user/upstream</Arn><UserId>${call.by.accessKeyId}</UserId><Account>${ACCOUNT}</Account>`,
  );
}

function iam(call: AwsCall): AwsReply {
  const form = new URLSearchParams(call.body.toString());
  const user = (name: string): string =>
    `<Path>/</Path><UserName>${xmlText(name)}</UserName><UserId>AIDAUPSTREAM00000001</UserId><Arn>arn:aws:iam::${ACCOUNT}:user/${xmlText(name)}</Arn><CreateDate>2024-01-02T03:04:05Z</CreateDate>`;
  const version = 'iam.amazonaws.com/doc/2010-05-08/';
  switch (form.get('Action')) {
    case 'ListUsers':
      return queryReply(
        version,
        'ListUsers',
        `<IsTruncated>false</IsTruncated><Users><member>${user('ada')}</member><member>${user('grace')}</member></Users>`,
      );
    case 'GetUser':
      return queryReply(version, 'GetUser', `<User>${user(form.get('UserName') ?? 'upstream')}</User>`);
  }
  return reply(
    400,
    'text/xml',
    '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>no</Message></Error></ErrorResponse>',
  );
}

export type Tables = Map<string, Map<string, unknown>>;

function dynamodb(call: AwsCall, tables: Tables): AwsReply {
  const json = (status: number, value: unknown): AwsReply => {
    const text = JSON.stringify(value);
    return reply(status, 'application/x-amz-json-1.0', text);
  };
  const input: unknown = JSON.parse(call.body.toString() || '{}');
  const field = (name: string): unknown =>
    typeof input === 'object' && input !== null ? Reflect.get(input, name) : undefined;
  const table = tables.get(String(field('TableName')));
  const keyOf = (item: unknown): string =>
    JSON.stringify(typeof item === 'object' && item !== null ? Reflect.get(item, 'id') : null);
  switch (call.header('x-amz-target')?.split('.')[1]) {
    case 'ListTables':
      return json(200, { TableNames: [...tables.keys()] });
    case 'PutItem':
      if (table === undefined) break;
      table.set(keyOf(field('Item')), field('Item'));
      return json(200, {});
    case 'GetItem': {
      if (table === undefined) break;
      const item = table.get(keyOf(field('Key')));
      return json(200, item === undefined ? {} : { Item: item });
    }
  }
  return json(400, {
    __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
    message: 'Requested resource not found',
  });
}

function ssm(call: AwsCall): AwsReply {
  const json = (status: number, value: unknown): AwsReply =>
    reply(status, 'application/x-amz-json-1.1', JSON.stringify(value));
  const input: unknown = JSON.parse(call.body.toString() || '{}');
  const name = typeof input === 'object' && input !== null ? String(Reflect.get(input, 'Name')) : '';
  switch (call.header('x-amz-target')?.split('.')[1]) {
    case 'GetParameter':
      if (name === '/missing')
        return json(400, { __type: 'ParameterNotFound', message: 'Parameter /missing not found.' });
      return json(200, { Parameter: { Name: name, Type: 'String', Value: `value of ${name}`, Version: 1 } });
    case 'DescribeParameters':
      return json(200, { Parameters: [{ Name: '/app/one', Type: 'String', Version: 1 }] });
  }
  return json(400, { __type: 'UnknownOperationException' });
}

/** StartSyncExecution, whose host has a prefix at AWS (`sync-states`). */
function states(call: AwsCall): AwsReply {
  const { stateMachineArn } = JSON.parse(call.body.toString()) as { stateMachineArn: string };
  return reply(
    200,
    'application/x-amz-json-1.0',
    JSON.stringify({
      executionArn: stateMachineArn.replace(':stateMachine:', ':express:'),
      startDate: 1_700_000_000,
      stopDate: 1_700_000_001,
      status: 'SUCCEEDED',
    }),
  );
}

function lambda(call: AwsCall): AwsReply {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(call.path)?.[1];
  if (name === undefined || call.method !== 'POST') {
    return reply(404, 'application/json', JSON.stringify({ Message: 'not found' }), {
      'x-amzn-errortype': 'ResourceNotFoundException',
    });
  }
  const event: unknown = call.body.length === 0 ? null : JSON.parse(call.body.toString());
  return reply(200, 'application/json', JSON.stringify({ function: decodeURIComponent(name), event }), {
    'x-amz-executed-version': '$LATEST',
    'x-amzn-requestid': randomUUID(),
  });
}

export interface StoredObject {
  body: Buffer[];
  size: number;
  etag: string;
  contentType: string;
  metadata: Record<string, string>;
}
export interface S3State {
  buckets: Map<string, Map<string, StoredObject>>;
  uploads: Map<string, Map<number, { data: Buffer; etag: string }>>;
}

const md5 = (data: Buffer): string => createHash('md5').update(data).digest('hex');

function store(call: AwsCall, body: Buffer[], etag: string): StoredObject {
  const metadata: Record<string, string> = {};
  for (const name of ['x-amz-meta-note', 'content-disposition', 'cache-control']) {
    const value = call.header(name);
    if (value !== undefined) metadata[name] = value;
  }
  return {
    body,
    size: body.reduce((sum, part) => sum + part.length, 0),
    etag,
    contentType: call.header('content-type') ?? 'binary/octet-stream',
    metadata,
  };
}

function slice(parts: Buffer[], from: number, to: number): Buffer[] {
  const out: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, part.length);
    if (start < end) out.push(part.subarray(start, end));
    at += part.length;
  }
  return out;
}

function getObject(call: AwsCall, object: StoredObject): AwsReply {
  const headers: Record<string, string> = {
    'content-type': object.contentType,
    etag: `"${object.etag}"`,
    'last-modified': 'Tue, 02 Jan 2024 03:04:05 GMT',
    'accept-ranges': 'bytes',
    'x-amz-request-id': 'UPSTREAM0000001',
    ...object.metadata,
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(call.header('range') ?? '');
  if (range === null) {
    return { status: 200, headers: { ...headers, 'content-length': String(object.size) }, body: object.body };
  }
  const from = Number(range[1]);
  const to = range[2] === '' ? object.size : Math.min(Number(range[2]) + 1, object.size);
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(to - from),
      'content-range': `bytes ${from}-${to - 1}/${object.size}`,
    },
    body: slice(object.body, from, to),
  };
}

function listObjects(call: AwsCall, name: string, bucket: Map<string, StoredObject>): AwsReply {
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter') ?? '';
  const encode = (text: string): string =>
    call.query.get('encoding-type') === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : xmlText(text);
  const prefixes = new Set<string>();
  let contents = '';
  let count = 0;
  for (const [key, object] of [...bucket].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut !== -1) {
      prefixes.add(key.slice(0, cut + delimiter.length));
      continue;
    }
    count++;
    contents += `<Contents><Key>${encode(key)}</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified><ETag>&quot;${object.etag}&quot;</ETag><Size>${object.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  }
  for (const one of prefixes) contents += `<CommonPrefixes><Prefix>${encode(one)}</Prefix></CommonPrefixes>`;
  const encoding = call.query.has('encoding-type') ? '<EncodingType>url</EncodingType>' : '';
  return reply(
    200,
    'application/xml',
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${name}</Name><Prefix>${encode(prefix)}</Prefix><KeyCount>${count + prefixes.size}</KeyCount><MaxKeys>1000</MaxKeys>${encoding}<IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`,
  );
}

function s3Bucket(call: AwsCall, state: S3State, name: string): AwsReply {
  const bucket = state.buckets.get(name);
  if (call.method === 'PUT') {
    state.buckets.set(name, bucket ?? new Map());
    return reply(200, 'application/xml', '', { location: `/${name}` });
  }
  if (bucket === undefined) return s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (call.method === 'HEAD') return { status: 200, headers: { 'x-amz-bucket-region': call.by.region }, body: [] };
  if (call.method === 'DELETE') {
    state.buckets.delete(name);
    return { status: 204, headers: {}, body: [] };
  }
  if (call.method === 'POST' && call.query.has('delete')) {
    const keys = [...call.body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map((match) => match[1] ?? '');
    for (const key of keys) bucket.delete(key.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'));
    const deleted = keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join('');
    return reply(
      200,
      'application/xml',
      `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${deleted}</DeleteResult>`,
    );
  }
  if (call.query.has('location')) {
    return reply(
      200,
      'application/xml',
      `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${call.by.region}</LocationConstraint>`,
    );
  }
  return listObjects(call, name, bucket);
}

function s3Object(call: AwsCall, state: S3State, bucketName: string, key: string): AwsReply {
  const bucket = state.buckets.get(bucketName);
  if (bucket === undefined) return s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  const uploadId = call.query.get('uploadId');
  const upload = uploadId === null ? undefined : state.uploads.get(uploadId);
  const xml = (root: string, inner: string): AwsReply =>
    reply(
      200,
      'application/xml',
      `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`,
    );
  switch (call.method) {
    case 'POST': {
      if (call.query.has('uploads')) {
        const id = randomUUID();
        state.uploads.set(id, new Map());
        return xml(
          'InitiateMultipartUploadResult',
          `<Bucket>${bucketName}</Bucket><Key>${xmlText(key)}</Key><UploadId>${id}</UploadId>`,
        );
      }
      if (upload === undefined || uploadId === null) return s3Error(404, 'NoSuchUpload');
      const parts = [...upload].sort(([a], [b]) => a - b).map(([, part]) => part);
      const etag = `${md5(Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex'))))}-${parts.length}`;
      bucket.set(
        key,
        store(
          call,
          parts.map((part) => part.data),
          etag,
        ),
      );
      state.uploads.delete(uploadId);
      return xml(
        'CompleteMultipartUploadResult',
        `<Bucket>${bucketName}</Bucket><Key>${xmlText(key)}</Key><ETag>&quot;${etag}&quot;</ETag>`,
      );
    }
    case 'PUT': {
      const etag = md5(call.body);
      if (uploadId !== null) {
        if (upload === undefined) return s3Error(404, 'NoSuchUpload');
        upload.set(Number(call.query.get('partNumber')), { data: call.body, etag });
      } else {
        bucket.set(key, store(call, [call.body], etag));
      }
      return { status: 200, headers: { etag: `"${etag}"` }, body: [] };
    }
    case 'DELETE':
      if (uploadId === null) bucket.delete(key);
      else state.uploads.delete(uploadId);
      return { status: 204, headers: {}, body: [] };
  }
  const object = bucket.get(key);
  if (object === undefined)
    return call.method === 'HEAD'
      ? { status: 404, headers: {}, body: [] }
      : s3Error(404, 'NoSuchKey', 'The specified key does not exist.');
  return getObject(call, object);
}

function s3(call: AwsCall, state: S3State): AwsReply {
  const slash = call.path.indexOf('/', 1);
  const bucket = decodeURIComponent(slash === -1 ? call.path.slice(1) : call.path.slice(1, slash));
  const key = slash === -1 ? '' : decodeURIComponent(call.path.slice(slash + 1));
  if (bucket === '') {
    const list = [...state.buckets.keys()].map(
      (name) => `<Bucket><Name>${name}</Name><CreationDate>2024-01-02T03:04:05.000Z</CreationDate></Bucket>`,
    );
    return reply(
      200,
      'application/xml',
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>upstream</ID></Owner><Buckets>${list.join('')}</Buckets></ListAllMyBucketsResult>`,
    );
  }
  return key === '' ? s3Bucket(call, state, bucket) : s3Object(call, state, bucket, key);
}

/** The services of a small AWS, in memory. */
export function answerAws(call: AwsCall, state: { s3: S3State; tables: Tables }): AwsReply {
  switch (call.by.service) {
    case 'sts':
      return sts(call);
    case 'iam':
      return iam(call);
    case 'dynamodb':
      return dynamodb(call, state.tables);
    case 'ssm':
      return ssm(call);
    case 'lambda':
      return lambda(call);
    case 'states':
      return states(call);
    case 's3':
      return s3(call, state.s3);
  }
  return reply(
    400,
    'application/json',
    JSON.stringify({ __type: 'UnknownOperationException', service: call.by.service }),
  );
}
