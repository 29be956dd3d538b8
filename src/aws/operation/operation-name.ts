import type { Exchange } from '../exchange.ts';
import { isS3 } from '../services.ts';
import { formFields } from './form-fields.ts';
import { marksOf } from './protocols.ts';
import { s3OperationName } from './s3-operation-name.ts';

type Asked = Pick<Exchange, 'wire' | 'header' | 'hostPrefix'>;

const NAME = /^[A-Za-z][A-Za-z0-9]{0,127}$/;
const TARGET = /^[A-Za-z0-9_.-]{1,256}\.([A-Za-z][A-Za-z0-9]{0,127})$/;
const RPC_PATH = /^\/service\/[^/]+\/operation\/([^/]+)$/;
const LAMBDA_FUNCTION = /^\/\d{4}-\d\d-\d\d\/functions\/[^/]+(?:\/([a-z-]+))?\/?$/;

/**
 * The operation a request asks for, in AWS's own name where the service would find it in the request: S3 in method, path and sub-resource, others in
 * X-Amz-Target, `Action` or an RPC path, each only for services that look there, because a client can put anything where the service does not look. Else, and
 * where two readings are possible, method and first path segment. Never a query value, an object key or anything of a body but `Action`.
 *
 * `body` is the whole body; without it, what it may say is not known.
 */
export function operationName(x: Asked, service: string, body?: Buffer): string {
  const { method, path, query } = x.wire;
  if (isS3(service))
    return s3OperationName({ method, path, query, bucketInHost: x.hostPrefix !== undefined, header: x.header });
  const marks = marksOf(service);
  const readings: (string | undefined)[] = [];
  if (marks.target) readings.push(...fromTarget(x));
  if (marks.rpcPath) readings.push(...fromRpcPath(x));
  if (marks.action) readings.push(...fromAction(x, service, body));
  const [reading] = readings;
  if (reading !== undefined && readings.length === 1) return reading;
  if (service === 'lambda' && method === 'POST' && LAMBDA_FUNCTION.exec(path)?.[1] === 'invocations') return 'Invoke';
  const segment = /^\/([A-Za-z0-9._-]{1,64})(?=\/|$)/.exec(path)?.[1];
  return segment === undefined ? `${method} /` : `${method} /${segment}`;
}

/** Each answers one reading for each sign of its protocol, undefined for a sign that is no name. */
function fromTarget({ wire, header }: Asked): (string | undefined)[] {
  const target = header('x-amz-target');
  if (target === undefined || wire.method !== 'POST' || wire.path !== '/') return [];
  return [TARGET.exec(target)?.[1]];
}

function fromRpcPath({ wire, header }: Asked): (string | undefined)[] {
  const rpc = RPC_PATH.exec(wire.path);
  if (rpc === null || wire.method !== 'POST' || header('smithy-protocol') !== 'rpc-v2-cbor') return [];
  return [named(rpc[1])];
}

function fromAction({ wire, header }: Asked, service: string, body: Buffer | undefined): (string | undefined)[] {
  // A queue's requests go to its own path.
  if (wire.path !== '/' && service !== 'sqs') return [];
  const inQuery = actions(wire.query);
  if (body === undefined) return wire.method === 'GET' ? inQuery : [];
  const isForm = header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true;
  const inBody = actions(body.toString('latin1'));
  // Who says that it is no form and sends one all the same may be taken at either word.
  return [...inQuery, ...(isForm ? inBody : inBody.map(() => undefined))];
}

function actions(form: string): (string | undefined)[] {
  return formFields(form)
    .filter(([name]) => name.toLowerCase() === 'action')
    .map(([name, value]) => (name === 'Action' ? named(value) : undefined));
}

function named(text: string | undefined): string | undefined {
  return text !== undefined && NAME.test(text) ? text : undefined;
}
