import { createHash } from 'node:crypto';
import { usageError } from './errors.ts';
import { readFile } from './read-file.ts';

/** The request as curl's options describe it. */
export interface CurlOptions {
  request?: string;
  header?: string[];
  data?: string[];
  dataBinary?: string[];
  uploadFile?: string;
  head?: boolean;
  unsignedPayload?: boolean;
}

export interface PreparedRequest {
  method: string;
  /** With its path as it was written, dot segments and all: they may be part of an S3 key. What is signed is what is sent. */
  url: string;
  headers: Array<[string, string]>;
  body: Uint8Array | undefined;
  payloadHash: string;
}

/** Throws `InvalidInput` for what cannot be a request. */
export function prepareRequest(url: string, options: CurlOptions): PreparedRequest {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    throw usageError(`"${url}" is no URL. It starts with https:// or http://.`);
  }
  if (parsed.username !== '' || parsed.password !== '')
    throw usageError('The URL must not hold a user name or password.');
  const headers = (options.header ?? []).map(parseHeader);
  const body = readBody(options);
  const method = (options.request ?? (options.head === true ? 'HEAD' : methodFor(options, body))).toUpperCase();
  if (!/^[A-Z]+$/.test(method)) throw usageError(`"${method}" is no HTTP method.`);
  const isForm = options.uploadFile === undefined && body !== undefined;
  if (isForm && !headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    headers.push(['content-type', 'application/x-www-form-urlencoded']);
  }
  const payloadHash =
    options.unsignedPayload === true
      ? 'UNSIGNED-PAYLOAD'
      : createHash('sha256')
          .update(body ?? '')
          .digest('hex');
  return { method, url: `${parsed.origin}${pathAsWritten(url)}${parsed.search}`, headers, body, payloadHash };
}

/** The URL parser would take dot segments away. What may not stand in a request is encoded. */
function pathAsWritten(url: string): string {
  const written = url.trim().replaceAll(/[\t\r\n]/g, '');
  const path = /^https?:[/\\]*[^/\\?#]*([^?#]*)/i.exec(written)?.[1] ?? '';
  if (path === '') return '/';
  return path.toWellFormed().replaceAll(/[\x00-\x20"<>\\^`{|}\x7f]|[^\x00-\x7f]+/g, encodeURIComponent);
}

function methodFor(options: CurlOptions, body: Uint8Array | undefined): string {
  if (options.uploadFile !== undefined) return 'PUT';
  return body === undefined ? 'GET' : 'POST';
}

function parseHeader(text: string): [string, string] {
  const at = text.indexOf(':');
  const name = text.slice(0, Math.max(0, at)).trim();
  const value = text.slice(at + 1).trim();
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
    throw usageError(`"${text}" is no header. Write it as "Name: value".`);
  if (/[\r\n\0]/.test(value)) throw usageError(`The header ${name} has a line break in it.`);
  return [name, value];
}

function readBody(options: CurlOptions): Uint8Array | undefined {
  const pieces = [
    ...(options.data ?? []).map((text) => piece(text, true)),
    ...(options.dataBinary ?? []).map((text) => piece(text, false)),
  ];
  if (options.uploadFile !== undefined) {
    if (pieces.length > 0) throw usageError('Give --data or --upload-file, not both.');
    return readFile(options.uploadFile);
  }
  if (pieces.length === 0) return undefined;
  const ampersand = Buffer.from('&');
  return Buffer.concat(pieces.flatMap((one, index) => (index === 0 ? [one] : [ampersand, one])));
}

/** `@file` or the text itself. Like curl, --data takes line breaks out of a file and --data-binary does not. */
function piece(text: string, stripLines: boolean): Buffer {
  if (!text.startsWith('@')) return Buffer.from(text);
  const bytes = readFile(text === '@-' ? 0 : text.slice(1));
  return stripLines ? Buffer.from(bytes.filter((byte) => byte !== 0x0a && byte !== 0x0d && byte !== 0)) : bytes;
}
