import { uriDecode } from '../../core/sigv4/index.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { isS3 } from '../services.ts';

/**
 * Refuses a path that could be read as another one further on.
 * - Everywhere but in S3 the signature covers the path without its dot segments, so what stands there is not proved.
 * - In S3 they belong to the key, and as there they may not climb out of it: the bucket, and an endpointUrl's own path, stay what they are
 *   for a server that resolves them.
 * @throws AwsError `MalformedRequest`
 */
export function refuseAmbiguousPath(path: string, service: string, bucketInHost: boolean): void {
  // Without a dot, written or encoded, there is no segment of dots.
  if (!path.includes('.') && !path.includes('%')) return;
  const s3 = isS3(service);
  if (!s3 && path.split('/').some(isDots)) {
    throw new AwsError('MalformedRequest', 'The path has a segment of dots; send it resolved.');
  }
  const segments = uriDecode(path, 'latin1').split('/').slice(1);
  const climbing = s3 && !bucketInHost ? isDots(segments[0] ?? '') || climbs(segments.slice(1)) : climbs(segments);
  if (climbing) throw new AwsError('MalformedRequest', 'The path climbs above its beginning with "..".');
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..';
}

function climbs(segments: readonly string[]): boolean {
  let depth = 0;
  for (const segment of segments) {
    if (segment === '..') depth--;
    else if (segment !== '' && segment !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
