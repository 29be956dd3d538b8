import { formFields } from './form-fields.ts';

export interface S3Call {
  method: string;
  /** Raw path. */
  path: string;
  /** Raw query. */
  query: string;
  /** Virtual-host style: the whole path is the key. */
  bucketInHost: boolean;
  header(name: string): string | undefined;
}

type Names = Readonly<Record<string, string>>;

/** Sub-resource → operation; `''` is the one without any. */
const BUCKET: Readonly<Record<string, Names>> = {
  GET: {
    '': 'ListObjects',
    session: 'CreateSession',
    abac: 'GetBucketAbac',
    accelerate: 'GetBucketAccelerateConfiguration',
    acl: 'GetBucketAcl',
    analytics: 'ListBucketAnalyticsConfigurations',
    cors: 'GetBucketCors',
    encryption: 'GetBucketEncryption',
    'intelligent-tiering': 'ListBucketIntelligentTieringConfigurations',
    inventory: 'ListBucketInventoryConfigurations',
    lifecycle: 'GetBucketLifecycleConfiguration',
    location: 'GetBucketLocation',
    logging: 'GetBucketLogging',
    metadataConfiguration: 'GetBucketMetadataConfiguration',
    metadataTable: 'GetBucketMetadataTableConfiguration',
    metrics: 'ListBucketMetricsConfigurations',
    notification: 'GetBucketNotificationConfiguration',
    'object-lock': 'GetObjectLockConfiguration',
    ownershipControls: 'GetBucketOwnershipControls',
    policy: 'GetBucketPolicy',
    policyStatus: 'GetBucketPolicyStatus',
    publicAccessBlock: 'GetPublicAccessBlock',
    replication: 'GetBucketReplication',
    requestPayment: 'GetBucketRequestPayment',
    tagging: 'GetBucketTagging',
    uploads: 'ListMultipartUploads',
    versioning: 'GetBucketVersioning',
    versions: 'ListObjectVersions',
    website: 'GetBucketWebsite',
  },
  HEAD: { '': 'HeadBucket' },
  PUT: {
    '': 'CreateBucket',
    abac: 'PutBucketAbac',
    accelerate: 'PutBucketAccelerateConfiguration',
    acl: 'PutBucketAcl',
    analytics: 'PutBucketAnalyticsConfiguration',
    cors: 'PutBucketCors',
    encryption: 'PutBucketEncryption',
    'intelligent-tiering': 'PutBucketIntelligentTieringConfiguration',
    inventory: 'PutBucketInventoryConfiguration',
    lifecycle: 'PutBucketLifecycleConfiguration',
    logging: 'PutBucketLogging',
    metadataInventoryTable: 'UpdateBucketMetadataInventoryTableConfiguration',
    metadataJournalTable: 'UpdateBucketMetadataJournalTableConfiguration',
    metrics: 'PutBucketMetricsConfiguration',
    notification: 'PutBucketNotificationConfiguration',
    'object-lock': 'PutObjectLockConfiguration',
    ownershipControls: 'PutBucketOwnershipControls',
    policy: 'PutBucketPolicy',
    publicAccessBlock: 'PutPublicAccessBlock',
    replication: 'PutBucketReplication',
    requestPayment: 'PutBucketRequestPayment',
    tagging: 'PutBucketTagging',
    versioning: 'PutBucketVersioning',
    website: 'PutBucketWebsite',
  },
  POST: {
    '': 'PostObject',
    delete: 'DeleteObjects',
    metadataConfiguration: 'CreateBucketMetadataConfiguration',
    metadataTable: 'CreateBucketMetadataTableConfiguration',
  },
  DELETE: {
    '': 'DeleteBucket',
    analytics: 'DeleteBucketAnalyticsConfiguration',
    cors: 'DeleteBucketCors',
    encryption: 'DeleteBucketEncryption',
    'intelligent-tiering': 'DeleteBucketIntelligentTieringConfiguration',
    inventory: 'DeleteBucketInventoryConfiguration',
    lifecycle: 'DeleteBucketLifecycle',
    metadataConfiguration: 'DeleteBucketMetadataConfiguration',
    metadataTable: 'DeleteBucketMetadataTableConfiguration',
    metrics: 'DeleteBucketMetricsConfiguration',
    ownershipControls: 'DeleteBucketOwnershipControls',
    policy: 'DeleteBucketPolicy',
    publicAccessBlock: 'DeletePublicAccessBlock',
    replication: 'DeleteBucketReplication',
    tagging: 'DeleteBucketTagging',
    website: 'DeleteBucketWebsite',
  },
};

/** With `id` these lists become one item. */
const ONE_OF_LIST: Names = {
  analytics: 'GetBucketAnalyticsConfiguration',
  'intelligent-tiering': 'GetBucketIntelligentTieringConfiguration',
  inventory: 'GetBucketInventoryConfiguration',
  metrics: 'GetBucketMetricsConfiguration',
};

const OBJECT: Readonly<Record<string, Names>> = {
  GET: {
    '': 'GetObject',
    acl: 'GetObjectAcl',
    attributes: 'GetObjectAttributes',
    'legal-hold': 'GetObjectLegalHold',
    retention: 'GetObjectRetention',
    tagging: 'GetObjectTagging',
    torrent: 'GetObjectTorrent',
    uploadId: 'ListParts',
  },
  HEAD: { '': 'HeadObject' },
  PUT: {
    '': 'PutObject',
    acl: 'PutObjectAcl',
    encryption: 'UpdateObjectEncryption',
    'legal-hold': 'PutObjectLegalHold',
    renameObject: 'RenameObject',
    retention: 'PutObjectRetention',
    tagging: 'PutObjectTagging',
    uploadId: 'UploadPart',
  },
  POST: {
    '': 'PostObject',
    restore: 'RestoreObject',
    select: 'SelectObjectContent',
    uploadId: 'CompleteMultipartUpload',
    uploads: 'CreateMultipartUpload',
  },
  DELETE: { '': 'DeleteObject', tagging: 'DeleteObjectTagging', uploadId: 'AbortMultipartUpload' },
};

/** S3's own name for a request, from method, level (service, bucket, object) and sub-resource. */
export function s3OperationName({ method, path, query, bucketInHost, header }: S3Call): string {
  if (path.startsWith('/v20180820/') && header('x-amz-account-id') !== undefined) return `${method} s3-control`;
  const slash = path.indexOf('/', 1);
  const hasKey = bucketInHost ? path.length > 1 : slash !== -1 && slash < path.length - 1;
  const hasBucket = bucketInHost || path.length > 1;
  const fields = formFields(query);
  const parameters = new Set(fields.map(([name]) => name));
  if (!hasBucket) return method === 'GET' ? 'ListBuckets' : `${method} /`;
  const names = (hasKey ? OBJECT : BUCKET)[method];
  if (names === undefined) return `${method} ${hasKey ? 'object' : 'bucket'}`;
  const [subResource = '', ...others] = Object.keys(names).filter((name) => name !== '' && parameters.has(name));
  // No client of AWS sends two; which of them counts is S3's secret.
  if (others.length > 0) return `${method} ${hasKey ? 'object' : 'bucket'}`;
  const name = names[subResource] ?? `${method} ${hasKey ? 'object' : 'bucket'}`;
  if (name === 'PutObject' && header('x-amz-copy-source') !== undefined) return 'CopyObject';
  if (name === 'UploadPart' && header('x-amz-copy-source') !== undefined) return 'UploadPartCopy';
  if (!hasKey && method === 'GET') {
    if (subResource === '' && fields.some(([name, value]) => name === 'list-type' && value === '2'))
      return 'ListObjectsV2';
    if (parameters.has('id')) return ONE_OF_LIST[subResource] ?? name;
  }
  return name;
}
