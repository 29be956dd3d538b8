import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedInput } from '../../../src/aws/protocol/malformed-input.ts';
import { findRoute, matchPath, type Route, routeOf } from '../../../src/aws/protocol/rest/routes.ts';
import { joinHeader, splitHeader } from '../../../src/aws/protocol/rest/text-values.ts';

function route(operation: string, method: string, uri: string, labels: string[] = []): Route {
  const members = labels.map((name) => ({
    name,
    shape: () => ({ kind: 'string' }) as const,
    traits: {
      xmlFlattened: false,
      xmlAttribute: false,
      httpLabel: true,
      httpPayload: false,
      httpResponseCode: false,
      httpQueryParams: false,
    },
  }));
  return routeOf({
    name: operation,
    http: { method, uri, status: 200 },
    input: { kind: 'structure', name: 'Input', union: false, members },
    output: { kind: 'unit' },
  });
}

const ROUTES = [
  route('ListThings', 'GET', '/things'),
  route('GetThing', 'GET', '/things/{Id}', ['Id']),
  route('GetSpecial', 'GET', '/things/special'),
  route('GetPart', 'GET', '/things/{Id}/parts/{Path+}', ['Id', 'Path']),
  route('GetPolicy', 'GET', '/things/{Id}/parts/{Path+}/policy', ['Id', 'Path']),
  route('ListBuckets', 'GET', '/'),
  route('ListObjects', 'GET', '/', ['Bucket']),
  route('ListObjectsV2', 'GET', '/?list-type=2', ['Bucket']),
  route('GetAcl', 'GET', '/?acl', ['Bucket']),
  route('GetObject', 'GET', '/{Key+}?x-id=GetObject', ['Bucket', 'Key']),
  route('GetTagging', 'GET', '/{Key+}?tagging', ['Bucket', 'Key']),
];
const find = (method: string, path: string, query: Record<string, string> = {}) =>
  findRoute(ROUTES, { method, path, query: new Map(Object.entries(query)) })?.operation;

describe('routes', () => {
  test.each([
    ['/things/a', {}, 'GetThing'],
    ['/things/special', {}, 'GetSpecial'],
    ['/things/a/parts/b/c', {}, 'GetPart'],
    ['/things/a/parts/b/c/policy', {}, 'GetPolicy'],
    ['/things/', {}, 'ListThings'],
    ['/', {}, 'ListBuckets'],
    ['/bucket', { 'list-type': '2' }, 'ListObjectsV2'],
    ['/bucket', { 'list-type': '1' }, 'ListObjects'],
    ['/bucket', { acl: '' }, 'GetAcl'],
    ['/bucket/key', {}, 'GetObject'],
    ['/bucket/key', { 'x-id': 'GetObject' }, 'GetObject'],
    ['/bucket/key', { tagging: '' }, 'GetTagging'],
    ['/bucket/key', { 'x-id': 'PutObject' }, undefined],
  ])('GET %s %o', (path, query, operation) => {
    expect(find('GET', path, query)).toBe(operation);
  });
  test('another method is no match', () => {
    expect(find('POST', '/things')).toBeUndefined();
  });
  test('labels are decoded once, greedy ones keep their slashes', () => {
    const labels = (path: string) => Object.fromEntries(matchPath(ROUTES[9] ?? route('', 'GET', '/'), path) ?? []);
    expect(labels('/b/a%2Fb/c%2520d')).toEqual({ Bucket: 'b', Key: 'a/b/c%20d' });
    expect(labels('/b//a//b/')).toEqual({ Bucket: 'b', Key: '/a//b/' });
    expect(matchPath(ROUTES[1] ?? route('', 'GET', '/'), '/things/')).toBeUndefined();
    expect(() => labels('/b/%ff')).toThrow(MalformedInput);
  });
});

describe('lists in headers', () => {
  const text = { kind: 'string' } as const;
  test.each([
    ['a, b,c', ['a', 'b', 'c']],
    ['"a,b", c', ['a,b', 'c']],
    ['"\\"q\\" \\\\", d', ['"q" \\', 'd']],
    ['', ['']],
    ['a,', ['a', '']],
  ])('%s', (header, items) => {
    expect(splitHeader(header, text)).toEqual(items);
  });
  test('dates have commas of their own', () => {
    expect(
      splitHeader('Mon, 16 Dec 2019 23:48:18 GMT, Tue, 17 Dec 2019 23:48:18 GMT', {
        kind: 'timestamp',
        format: undefined,
      }),
    ).toEqual(['Mon, 16 Dec 2019 23:48:18 GMT', 'Tue, 17 Dec 2019 23:48:18 GMT']);
  });
  test('an open quote is malformed', () => {
    expect(() => splitHeader('"a, b', text)).toThrow(MalformedInput);
  });
  test('what is joined splits again (property)', () => {
    const one = fc.string({ minLength: 1 }).filter((part) => part.trim() === part && !/^\\/.test(part));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1 }), (items) => {
        expect(splitHeader(joinHeader(items), text)).toEqual(items);
      }),
      { seed: 7230 },
    );
  });
});
