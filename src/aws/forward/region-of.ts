import { ALGORITHM_V4, type Authorization } from '../../core/sigv4/index.ts';

/**
 * The one region whose endpoint gets a request. SigV4 names it in its scope. SigV4a is good for a set of regions and names none, so: the
 * only region of the set; else the profile's own, where the set covers it; else the first that the set names in full; else (patterns
 * alone, none of which fits) the profile's own, where AWS will say what is wrong.
 */
export function regionOf(authorization: Authorization, profileRegion: string): string {
  if (authorization.algorithm === ALGORITHM_V4) return authorization.scope.region;
  const { regionSet } = authorization;
  if (regionSet.some((pattern) => covers(pattern, profileRegion))) return profileRegion;
  return regionSet.find((pattern) => !pattern.includes('*')) ?? profileRegion;
}

/** Whether a member of a region set, in which `*` stands for any text, means this region. */
function covers(pattern: string, region: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === region;
  if (!region.startsWith(head)) return false;
  let at = head.length;
  const tail = rest.pop() ?? '';
  for (const part of rest) {
    const found = region.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return region.length - tail.length >= at && region.endsWith(tail);
}
