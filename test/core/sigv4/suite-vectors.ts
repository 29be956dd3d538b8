import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Header, SigV4Request } from '../../../src/core/sigv4/index.ts';

/** AWS's signing suite lies beside the repository; null where it does not. */
export const SUITE_FOLDER = join(import.meta.dirname, '../../../../shared/vectors/aws-sigv4');
export const SUITE_PRESENT = existsSync(SUITE_FOLDER);
export const SKIP_REASON = "AWS's signing suite is not in ../shared/vectors/aws-sigv4";

export interface SuiteContext {
  accessKeyId: string;
  secretAccessKey: string;
  token: string | undefined;
  expiresSeconds: number;
  normalize: boolean;
  region: string;
  service: string;
  signBody: boolean;
  now: number;
  omitSessionToken: boolean;
}

export interface SuiteCase {
  name: string;
  context: SuiteContext;
  request: SigV4Request;
  body: string;
  file(name: string): string;
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('expected an object in context.json');
  return Object.fromEntries(Object.entries(value));
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error('expected a string in context.json');
  return value;
}

function readContext(json: string): SuiteContext {
  const context = record(JSON.parse(json));
  const credentials = record(context['credentials']);
  return {
    accessKeyId: text(credentials['access_key_id']),
    secretAccessKey: text(credentials['secret_access_key']),
    token: credentials['token'] === undefined ? undefined : text(credentials['token']),
    expiresSeconds: Number(context['expiration_in_seconds']),
    normalize: context['normalize'] === true,
    region: text(context['region']),
    service: text(context['service']),
    signBody: context['sign_body'] === true,
    now: Date.parse(text(context['timestamp'])),
    omitSessionToken: context['omit_session_token'] === true,
  };
}

/** The suite's requests: paths may hold spaces, header lines may be folded. */
export function parseHttp(message: string): { request: SigV4Request; body: string } {
  const [head = '', ...rest] = message.split('\n\n');
  const lines = head.split('\n');
  const match = /^(\S+) (.*) HTTP\/1\.1$/.exec(lines[0] ?? '');
  if (match === null) throw new Error(`not a request line: ${lines[0] ?? ''}`);
  const [, method = '', target = ''] = match;
  const mark = target.indexOf('?');
  const headers: [string, string][] = [];
  for (const line of lines.slice(1)) {
    if (line === '') continue;
    const last = headers.at(-1);
    if (/^\s/.test(line) && last !== undefined) {
      last[1] += `\n${line}`;
      continue;
    }
    const colon = line.indexOf(':');
    headers.push([line.slice(0, colon), line.slice(colon + 1)]);
  }
  return {
    request: {
      method,
      path: mark === -1 ? target : target.slice(0, mark),
      query: mark === -1 ? '' : target.slice(mark + 1),
      headers,
    },
    body: rest.join('\n\n'),
  };
}

/** Writes a request the way the suite does. */
export function formatHttp(request: SigV4Request, headers: readonly Header[], query: string, body: string): string {
  const target = query === '' ? request.path : `${request.path}?${query}`;
  return `${request.method} ${target} HTTP/1.1\n${headers.map(([name, value]) => `${name}:${value}\n`).join('')}\n${body}`;
}

/** Every complete case of `v4` or `v4a`. */
export function suiteCases(version: 'v4' | 'v4a'): SuiteCase[] {
  if (!SUITE_PRESENT) return [];
  const folder = join(SUITE_FOLDER, version);
  const cases: SuiteCase[] = [];
  for (const name of readdirSync(folder).sort()) {
    const file = (leaf: string): string => readFileSync(join(folder, name, leaf), 'utf8');
    if (!existsSync(join(folder, name, 'header-signature.txt'))) continue;
    cases.push({ name, context: readContext(file('context.json')), ...parseHttp(file('request.txt')), file });
  }
  return cases;
}
