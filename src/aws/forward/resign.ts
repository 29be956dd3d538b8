import type { DoorCredentials } from '../../core/door.ts';
import {
  finishHeaderSigning,
  finishPresign,
  type Header,
  prepareHeaderSigning,
  preparePresign,
  type Scope,
  type SigV4Request,
} from '../../core/sigv4/index.ts';
import type { DoorParts } from '../door-parts.ts';
import { outgoingHeaders, unsignedNames, withoutPresign } from './outgoing-headers.ts';
import type { Endpoint } from './resolve-endpoint.ts';

/** A request signed with the vaulted key or a session of it, ready to be sent. */
export interface SignedRequest {
  method: string;
  /** Raw path and query, one character per byte. */
  target: string;
  headers: readonly Header[];
  scope: Scope;
  timestamp: string;
  signature: string;
  /** What it is signed with, and its chunks too. */
  credentials: DoorCredentials;
}

export interface ResignInput {
  wire: SigV4Request;
  location: 'header' | 'query';
  signedHeaders: readonly string[];
  service: string;
  /** The client signed with SigV4a for these regions, so we do, too. */
  regionSet: readonly string[] | undefined;
  /** Hex SHA-256 of the body or the literal that the client declared. */
  payloadHash: string;
}

/** A presigned request leaves as one, because S3 reads some `x-amz-*` query parameters only there; it is used at once. */
const PRESIGN_SECONDS = 300;

/**
 * Takes the client's signature off and puts ours on, with the client's algorithm. Path and query go on byte for byte; time is our own.
 * @throws KeyholdError `Locked` and whatever else the HSM refuses with
 */
export async function resign(
  { wire, location, signedHeaders, service, regionSet, payloadHash }: ResignInput,
  endpoint: Endpoint,
  credentials: DoorCredentials,
  { backend, clock }: DoorParts,
): Promise<SignedRequest> {
  const { accessKeyId, sessionToken } = credentials;
  const headers = outgoingHeaders(wire.headers, endpoint.host, signedHeaders);
  const inQuery = location === 'query';
  const request: SigV4Request = {
    method: wire.method,
    path: endpoint.pathPrefix + wire.path,
    query: inQuery ? withoutPresign(wire.query) : wire.query,
    headers,
    charset: 'latin1',
  };
  const options = {
    accessKeyId,
    region: endpoint.region,
    service,
    now: clock.now(),
    payloadHash,
    unsignedHeaders: unsignedNames(headers, signedHeaders),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(regionSet === undefined ? {} : { regionSet }),
  };
  const base = { method: wire.method, credentials };
  const sign = ({ scope, stringToSign }: { scope: Scope; stringToSign: string }): Promise<string> =>
    regionSet === undefined
      ? backend.sign(credentials, scope, stringToSign)
      : backend.signV4a(credentials, stringToSign);
  if (inQuery) {
    const prepared = preparePresign(request, { ...options, expiresSeconds: PRESIGN_SECONDS });
    const signature = await sign(prepared);
    const target = `${request.path}?${finishPresign(prepared, signature)}`;
    return { ...base, target, headers, scope: prepared.scope, timestamp: prepared.timestamp, signature };
  }
  const prepared = prepareHeaderSigning(request, options);
  const signature = await sign(prepared);
  // The question mark of an empty query is part of the raw target; both spellings sign alike.
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`;
  return {
    ...base,
    target,
    headers: finishHeaderSigning(prepared, signature),
    scope: prepared.scope,
    timestamp: prepared.timestamp,
    signature,
  };
}
