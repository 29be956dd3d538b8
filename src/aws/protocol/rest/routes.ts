import { MalformedInput } from '../malformed-input.ts';
import { wellFormed } from '../scalars.ts';
import type { OperationShape } from '../shape/shape.ts';

interface Segment {
  /** A literal, or a label; a greedy label takes slashes too. */
  readonly kind: 'literal' | 'label' | 'greedy';
  readonly text: string;
}

export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** Query parameters that the template demands; `undefined` values may be anything. */
  readonly query: readonly (readonly [name: string, value: string | undefined])[];
}

/** Marks the operation in S3's templates for the SDK's own clients; others leave it out. */
const HINT = 'x-id';

function segmentOf(text: string): Segment {
  if (!text.startsWith('{')) return { kind: 'literal', text };
  return text.endsWith('+}') ? { kind: 'greedy', text: text.slice(1, -2) } : { kind: 'label', text: text.slice(1, -1) };
}

/**
 * The route of an operation (Smithy, "http trait"). A label that the template lacks stands before it: S3's bucket, which the SDK's own
 * clients move into the host.
 */
export function routeOf({ name, http, input }: OperationShape): Route {
  if (http === undefined) throw new TypeError(`The operation ${name} has no HTTP binding.`);
  const [path = '', query = ''] = http.uri.split('?');
  const segments = path
    .split('/')
    .filter((text) => text !== '')
    .map(segmentOf);
  const members = input.kind === 'structure' ? input.members : [];
  const missing = members
    .filter(
      ({ traits, name: label }) =>
        traits.httpLabel && !segments.some(({ kind, text }) => kind !== 'literal' && text === label),
    )
    .map((member): Segment => ({ kind: 'label', text: member.name }));
  const literals = query.split('&').filter((piece) => piece !== '');
  return {
    operation: name,
    method: http.method,
    segments: [...missing, ...segments],
    query: literals.map((piece) => {
      const mark = piece.indexOf('=');
      return mark === -1 ? ([piece, undefined] as const) : ([piece.slice(0, mark), piece.slice(mark + 1)] as const);
    }),
  };
}

function decode(text: string): string {
  try {
    return wellFormed(decodeURIComponent(text));
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new MalformedInput('The path is not percent-encoded UTF-8.');
  }
}

/** The raw pieces of a path; a slash at the end begins no further one. */
function pieces(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

/** The labels of a path that has the route's form, decoded; undefined for one that has not. Throws MalformedInput. */
export function matchPath(route: Route, path: string): Map<string, string> | undefined {
  const { segments } = route;
  const parts = pieces(path);
  const greedy = segments.findIndex(({ kind }) => kind === 'greedy');
  if (greedy === -1 ? parts.length !== segments.length : parts.length < segments.length) return undefined;
  const labels = new Map<string, string>();
  const after = greedy === -1 ? 0 : segments.length - greedy - 1;
  for (const [i, { kind, text }] of segments.entries()) {
    // Segments after a greedy label are counted from the end.
    const at = greedy === -1 || i <= greedy ? i : parts.length - (segments.length - i);
    if (kind === 'greedy') {
      const slash = path.endsWith('/') && after === 0 ? '/' : '';
      labels.set(text, decode(parts.slice(at, parts.length - after).join('/') + slash));
    } else {
      const part = decode(parts[at] ?? '');
      if (kind === 'literal' ? part !== text : part === '') return undefined;
      if (kind === 'label') labels.set(text, part);
    }
  }
  return labels;
}

/** How many of the template's literals tell it from others: the more, the more specific. */
function weight({ segments, query }: Route): number {
  const greedy = segments.some(({ kind }) => kind === 'greedy') ? 0 : 1;
  const literals = segments.filter(({ kind }) => kind === 'literal').length;
  const demands = query.filter(([name]) => name !== HINT).length;
  return literals * 100 + demands * 2 + greedy;
}

function matchQuery({ query }: Route, given: ReadonlyMap<string, string>): boolean {
  return query.every(([name, value]) => {
    const actual = given.get(name);
    if (actual === undefined) return name === HINT;
    return value === undefined || actual === value;
  });
}

/** The most specific route that method, raw path and query belong to. */
export function findRoute(
  routes: readonly Route[],
  request: { method: string; path: string; query: ReadonlyMap<string, string> },
): Route | undefined {
  let best: Route | undefined;
  for (const route of routes) {
    if (route.method !== request.method || !matchQuery(route, request.query)) continue;
    if (matchPath(route, request.path) === undefined) continue;
    if (best === undefined || weight(route) > weight(best)) best = route;
  }
  return best;
}
