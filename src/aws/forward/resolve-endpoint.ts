import { AwsError } from '../protocol/aws-error.ts';
import { isS3 } from '../services.ts';
import {
  type EndpointEntry,
  type EndpointHost,
  endpointEntry,
  type Partition,
  type PathNode,
  partitions,
} from './endpoint-table.ts';

export interface EndpointQuestion {
  /** Signing name and region of the credential scope. */
  service: string;
  region: string;
  method: string;
  /** Raw path. */
  path: string;
  /** Value of X-Amz-Target. */
  target?: string | undefined;
  /** The request is in the query protocol (`Action=`). */
  isQuery?: boolean;
  /** Value of x-amz-account-id (S3 Control). */
  accountId?: string | undefined;
  /** S3 bucket named in the Host header (virtual-host style). */
  bucket?: string | undefined;
  /** The account's own endpoint, which decides everything. */
  endpointUrl?: string | undefined;
}

export interface Endpoint {
  protocol: 'https:' | 'http:';
  hostname: string;
  /** Empty for the protocol's default. */
  port: string;
  /** Value of the Host header. */
  host: string;
  /** Put before the raw path; empty or `/…` without a slash at its end. */
  pathPrefix: string;
  /** Region to sign for: not the asked one for services that have one region per partition. */
  region: string;
}

const REGION = /^[a-z]{2,5}(-[a-z0-9]+)+$/;
const SERVICE = /^[A-Za-z0-9._-]{1,64}$/;
const GLOBAL = /^(aws(?:-[a-z]+)*)-global$/;

/**
 * Where a request goes: from the signing name and region of its scope, with the request's target or path where one signing
 * name stands for several hosts. Region and service were chosen by the client, so nothing of them reaches a host name unless
 * it matches a known partition and service.
 * @throws AwsError `UnknownEndpoint`, naming `endpointUrl` as the way out.
 */
export function resolveEndpoint(question: EndpointQuestion): Endpoint {
  const { service } = question;
  if (!SERVICE.test(service)) throw unknown(`"${service.slice(0, 64)}" is not a service name.`);
  if (question.endpointUrl !== undefined) return fromUrl(question.endpointUrl, question);
  const { partition, region } = placeOf(question.region);
  const entry = endpointEntry(service);
  if (entry === undefined) throw unknown(`Keyhold does not know the host of the service "${service}".`);
  const candidate = choose(entry, question);
  if (candidate.host === null) {
    throw unknown(`Each customer of ${candidate.id} has a host of their own, which does not follow from the request.`);
  }
  const chosen = candidate.at?.[region] ?? candidate.at?.[partition.id] ?? candidate.host;
  const [template = '', signingRegion = region] = chosen.split('|');
  const filled = template
    .replace('{r}', region)
    .replace('{s}', partition.suffix)
    .replace('{d}', partition.dual)
    .replace('{a}', question.accountId ?? '');
  const slash = filled.indexOf('/');
  const hostname = slash === -1 ? filled : filled.slice(0, slash);
  const pathPrefix = slash === -1 ? '' : filled.slice(slash);
  return withBucket(
    { protocol: 'https:', hostname, port: '', host: hostname, pathPrefix, region: signingRegion },
    question,
  );
}

function unknown(sentence: string): AwsError {
  return new AwsError(
    'UnknownEndpoint',
    `${sentence} Give the account an endpointUrl (\`keyhold account add … --endpoint-url URL\`) to say where it is.`,
  );
}

function placeOf(asked: string): { partition: Partition; region: string } {
  const global = GLOBAL.exec(asked)?.[1];
  const partition = partitions.find(({ id, regions }) => (global === undefined ? regions.test(asked) : id === global));
  if (partition === undefined || !REGION.test(asked)) {
    throw unknown(`"${asked.slice(0, 64)}" is not a region of any AWS partition.`);
  }
  return { partition, region: global === undefined ? asked : partition.global };
}

function choose(entry: EndpointEntry, question: EndpointQuestion): EndpointHost {
  const { hosts } = entry;
  const at = (index: number | undefined): EndpointHost | undefined => (index === undefined ? undefined : hosts[index]);
  const first = hosts[0];
  if (first === undefined) throw unknown(`Keyhold does not know the host of the service "${question.service}".`);
  if (question.service === 's3') {
    const control = question.path.startsWith('/v20180820/') && /^\d{12}$/.test(question.accountId ?? '');
    return (control ? at(1) : undefined) ?? first;
  }
  const told =
    at(byTarget(entry, question)) ??
    (question.isQuery === true ? at(entry.query) : undefined) ??
    (entry.paths === undefined ? undefined : at(byPath(entry.paths, question)));
  if (told !== undefined) return told;
  const oneOnly = hosts.length === 1 && entry.strict !== true;
  if (oneOnly) return first;
  throw unknown(
    `The signing name "${question.service}" stands for several hosts and this request does not tell which one is meant.`,
  );
}

function byTarget(entry: EndpointEntry, question: EndpointQuestion): number | undefined {
  const rpc = /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(question.path);
  const target = question.target ?? (rpc === null ? undefined : `${rpc[1] ?? ''}.${rpc[2] ?? ''}`);
  if (target === undefined) return undefined;
  const dot = target.lastIndexOf('.');
  return own(entry.operations, target.slice(dot + 1)) ?? own(entry.targets, target.slice(0, Math.max(dot, 0)));
}

function byPath(paths: PathNode, question: EndpointQuestion): number | undefined {
  const trimmed = question.path.replace(/\/+$/, '');
  return walk(paths, [question.method, ...trimmed.split('/').slice(1)], 0);
}

function walk(node: PathNode, segments: readonly string[], depth: number): number | undefined {
  if (typeof node === 'number') return node;
  const label = segments[depth];
  if (label === undefined) return leaf(own(node, ''));
  for (const key of label === '*' || label === '**' ? ['*'] : [label, '*']) {
    const next = own(node, key);
    const found = next === undefined ? undefined : walk(next, segments, depth + 1);
    if (found !== undefined) return found;
  }
  return leaf(own(node, '**'));
}

function leaf(node: PathNode | undefined): number | undefined {
  return typeof node === 'number' ? node : undefined;
}

function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function fromUrl(endpointUrl: string, question: EndpointQuestion): Endpoint {
  const url = URL.parse(endpointUrl);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw unknown(`The account's endpointUrl "${endpointUrl}" is not an http or https URL.`);
  }
  const global = GLOBAL.exec(question.region)?.[1];
  const region =
    global === undefined ? question.region : (partitions.find(({ id }) => id === global)?.global ?? 'us-east-1');
  const endpoint: Endpoint = {
    protocol: url.protocol,
    // URL keeps the brackets of an IPv6 literal; sockets want it without.
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    host: url.host,
    pathPrefix: url.pathname.replace(/\/+$/, ''),
    region,
  };
  const { bucket } = question;
  // Whoever runs a custom endpoint need not have wildcard DNS; path style works everywhere.
  return bucket === undefined ? endpoint : { ...endpoint, pathPrefix: `${endpoint.pathPrefix}/${bucket}` };
}

function withBucket(endpoint: Endpoint, { bucket, service }: EndpointQuestion): Endpoint {
  if (bucket === undefined || !isS3(service)) return endpoint;
  // AWS's wildcard certificate covers one label.
  if (bucket.includes('.')) return { ...endpoint, pathPrefix: `${endpoint.pathPrefix}/${bucket}` };
  const hostname = `${bucket}.${endpoint.hostname}`;
  return { ...endpoint, hostname, host: hostname };
}
