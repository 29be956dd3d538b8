import { type Glob, globOf, matchesGlob } from './glob.ts';

const COLON = 0x3a;
/** `arn:partition:service:region:account:resource`; the resource may hold further colons. */
const SEGMENTS = 6;

/** An ARN, or any other text, cut where an ARN's segments would begin. */
export interface ArnText {
  readonly text: string;
  /** Six segments, or null when the text is no ARN. */
  readonly segments: readonly string[] | null;
}

export function arnText(text: string): ArnText {
  if (!text.startsWith('arn:')) return { text, segments: null };
  const segments: string[] = [];
  let start = 0;
  while (segments.length < SEGMENTS - 1) {
    const colon = text.indexOf(':', start);
    if (colon === -1) return { text, segments: null };
    segments.push(text.slice(start, colon));
    start = colon + 1;
  }
  segments.push(text.slice(start));
  return { text, segments };
}

/** An ARN pattern cut like an ARN: the last glob matches all that is left. */
export type ArnPattern = readonly Glob[];

/** Cuts the tokens of a pattern at its first five colons. */
export function arnPatternOf(tokens: readonly number[]): ArnPattern {
  const globs: Glob[] = [];
  let start = 0;
  while (globs.length < SEGMENTS - 1) {
    const colon = tokens.indexOf(COLON, start);
    if (colon === -1) break;
    globs.push(globOf(tokens.slice(start, colon)));
    start = colon + 1;
  }
  globs.push(globOf(tokens.slice(start)));
  return globs;
}

/**
 * Segment by segment (IAM User Guide, "IAM JSON policy elements: Resource" and "ARN condition operators"): a wildcard stays inside
 * its segment. Only in a pattern with fewer than six segments does the last one, which then ends in `*`, reach over the colons.
 */
export function matchesArn(pattern: ArnPattern, { segments }: ArnText): boolean {
  if (segments === null) return false;
  const last = pattern.length - 1;
  for (let at = 0; at < last; at++) {
    const glob = pattern[at];
    if (glob === undefined || !matchesGlob(glob, segments[at] ?? '')) return false;
  }
  const glob = pattern[last];
  const rest = last === SEGMENTS - 1 ? (segments[last] ?? '') : segments.slice(last).join(':');
  return glob !== undefined && matchesGlob(glob, rest);
}

/** Whether the first five segments of a pattern match, so that what follows decides. */
export function matchesArnHead(pattern: ArnPattern, { segments }: ArnText): boolean {
  if (segments === null) return false;
  for (let at = 0; at < SEGMENTS - 1; at++) {
    const glob = pattern[at];
    if (glob === undefined || !matchesGlob(glob, segments[at] ?? '')) return false;
  }
  return true;
}

/** Whether a condition's pattern has all six segments, which ARN condition operators compare one by one. */
export function isWholeArnPattern(pattern: ArnPattern): boolean {
  return pattern.length === SEGMENTS;
}
