import type { Charset, ServiceRules } from './types.ts';
import { uriEncode, uriNormalize } from './uri-encode.ts';

function removeDotSegments(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  if (segments.length === 0) return '/';
  return `/${segments.join('/')}${path.endsWith('/') ? '/' : ''}`;
}

/**
 * The canonical URI of a raw path (SigV4, "Create a canonical request", step 2).
 * S3 and its kin: every segment is decoded and encoded once (`%2F` stays as it is), nothing is removed.
 * All others: empty and dot segments are removed and what the wire carries is encoded once more, so `%20` becomes `%2520`.
 */
export function canonicalPath(
  path: string,
  rules: Pick<ServiceRules, 'doubleEncodePath' | 'normalizePath'>,
  charset: Charset = 'utf8',
): string {
  if (path === '' || path === '/') return '/';
  let absolute = path.startsWith('/') ? path : `/${path}`;
  if (rules.normalizePath && (absolute.includes('//') || absolute.includes('/.'))) {
    absolute = removeDotSegments(absolute);
  }
  return rules.doubleEncodePath
    ? uriEncode(absolute, charset, true)
    : uriNormalize(absolute, charset, { keepSlash: true, plusIsSpace: false });
}
