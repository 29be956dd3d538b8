import { ALGORITHM_CHUNK, ALGORITHM_TRAILER, EMPTY_SHA256 } from '../constants.ts';
import { sha256Hex } from '../hash.ts';

/** What every chunk of one stream shares. */
export interface ChunkContext {
  /** `YYYYMMDDTHHMMSSZ` of the request. */
  readonly timestamp: string;
  /** Credential scope as text. */
  readonly scopeText: string;
}

/** String to sign of a chunk: chained to the signature before it (the first one: that of the request). */
export function chunkStringToSign(context: ChunkContext, previousSignature: string, chunkSha256: string): string {
  return `${ALGORITHM_CHUNK}\n${context.timestamp}\n${context.scopeText}\n${previousSignature}\n${EMPTY_SHA256}\n${chunkSha256}`;
}

/** String to sign of the trailers: chained to the signature of the empty last chunk. */
export function trailerStringToSign(context: ChunkContext, previousSignature: string, trailerSha256: string): string {
  return `${ALGORITHM_TRAILER}\n${context.timestamp}\n${context.scopeText}\n${previousSignature}\n${trailerSha256}`;
}

/** SHA-256 in hex of trailers in canonical form: `name:value\n`, names in lower case and ascending, values trimmed. */
export function trailerSha256(trailers: readonly (readonly [name: string, value: string])[]): string {
  const lines = trailers.map(([name, value]) => [name.toLowerCase(), trimBlanks(value)] as const);
  lines.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sha256Hex(lines.map(([name, value]) => `${name}:${value}\n`).join(''));
}

/** Text without spaces and tabs around it. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
