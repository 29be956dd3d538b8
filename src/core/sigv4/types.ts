import type { Scope } from '../hsm/protocol.ts';
import type { ALGORITHM_V4, ALGORITHM_V4A } from './constants.ts';

export type { Scope };

export type Header = readonly [name: string, value: string];

/**
 * What the characters of a request's strings stand for: `utf8` (text, encoded as UTF-8 when hashed) or `latin1` (one
 * character per byte, which is how Node's HTTP server hands over paths and headers).
 */
export type Charset = 'utf8' | 'latin1';

/** A request as it stands on the wire. Nothing in it is decoded. */
export interface SigV4Request {
  readonly method: string;
  /** Raw path, without the query. Empty means `/`. */
  readonly path: string;
  /** Raw query, without the question mark. */
  readonly query: string;
  /** In the order received; a name may occur more than once. */
  readonly headers: readonly Header[];
  /** `utf8` unless said. */
  readonly charset?: Charset;
}

export type Algorithm = typeof ALGORITHM_V4 | typeof ALGORITHM_V4A;

/** Where SigV4 differs from service to service. */
export interface ServiceRules {
  /** Encode the path once more than on the wire (all but S3). S3: decode, then encode once. */
  readonly doubleEncodePath: boolean;
  /** Remove empty and dot segments (all but S3). */
  readonly normalizePath: boolean;
  /** The service requires `x-amz-content-sha256`. */
  readonly contentSha256Header: boolean;
  /** A presigned URL does not cover the body unless the request says otherwise. */
  readonly presignUnsignedPayload: boolean;
}
