import type { Exchange } from '../exchange.ts';
import { isS3 } from '../services.ts';
import { s3OperationName } from './s3-operation-name.ts';

const NAME = /^[A-Za-z][A-Za-z0-9]{0,127}$/;
const LAMBDA_FUNCTION = /^\/\d{4}-\d\d-\d\d\/functions\/[^/]+(?:\/([a-z-]+))?\/?$/;

/**
 * The operation a request asks for, in AWS's own name where the request tells it: X-Amz-Target, RPC path, query `Action`, S3's method,
 * path and sub-resource. Else method and first path segment. Never a query value, an object key or anything of a body but `Action`.
 */
export function operationName(
  x: Pick<Exchange, 'wire' | 'header' | 'hostPrefix'>,
  service: string,
  form?: Buffer,
): string {
  const { method, path, query } = x.wire;
  const target = x.header('x-amz-target');
  if (target !== undefined) return named(target.slice(target.lastIndexOf('.') + 1)) ?? method;
  const rpc = /^\/service\/[^/]+\/operation\/([^/]+)$/.exec(path);
  if (rpc !== null) return named(rpc[1]) ?? method;
  if (isS3(service))
    return s3OperationName({ method, path, query, bucketInHost: x.hostPrefix !== undefined, header: x.header });
  const isForm = x.header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true;
  const action = actionOf(isForm && form !== undefined ? `${query}&${form.toString('latin1')}` : query);
  if (action !== undefined) return action;
  if (service === 'lambda' && method === 'POST' && LAMBDA_FUNCTION.exec(path)?.[1] === 'invocations') return 'Invoke';
  const segment = /^\/([A-Za-z0-9._-]{1,64})(?=\/|$)/.exec(path)?.[1];
  return segment === undefined ? `${method} /` : `${method} /${segment}`;
}

function named(text: string | undefined): string | undefined {
  return text !== undefined && NAME.test(text) ? text : undefined;
}

function actionOf(form: string): string | undefined {
  let found: string | undefined;
  for (const part of form.split('&')) {
    if (!part.startsWith('Action=')) continue;
    // Two actions could be read two ways by a policy and by AWS.
    if (found !== undefined) return undefined;
    found = part.slice('Action='.length);
  }
  return named(found);
}
