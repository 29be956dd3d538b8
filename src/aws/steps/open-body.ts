import {
  type Scope,
  SigV4Error,
  STREAMING_UNSIGNED_TRAILER,
  sha256Hex,
  streamingHeaders,
  type VerificationKey,
} from '../../core/sigv4/index.ts';
import { bodyChunks, hasBody } from '../body/body-chunks.ts';
import { checkFraming } from '../body/check-framing.ts';
import { checkHash, hashMismatch } from '../body/check-hash.ts';
import { holdBody } from '../body/hold-body.ts';
import { oneBehind } from '../body/one-behind.ts';
import { resignChunks } from '../body/resign-chunks.ts';
import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import type { SignedRequest } from '../forward/resign.ts';
import type { OutgoingBody } from '../forward/send-upstream.ts';
import { AwsError, fromSigV4Error } from '../protocol/aws-error.ts';
import type { Claim } from './read-claim.ts';

/** A request's body, as far as it has to be known before the request is signed anew. */
export interface OpenBody {
  /** What our signature covers. */
  payloadHash: string;
  /** The body, where it was read whole. */
  held?: Buffer;
  /** The body on its way out, once the request is signed. */
  toOutgoing(signed: SignedRequest): OutgoingBody;
}

export interface BodyContext {
  claim: Claim;
  /** What the request's signature was found right with; null where only the HSM could tell. */
  key: VerificationKey | null;
  onStart: () => void;
}

/** A body that is already in memory. */
export function heldBody(bytes: Buffer, payloadHash: string): OpenBody {
  return {
    payloadHash,
    held: bytes,
    toOutgoing: () => (bytes.length === 0 ? { kind: 'none' } : { kind: 'held', bytes }),
  };
}

/**
 * Chooses how a body whose declaration has been verified is passed on. Only small bodies and forms (their action is inside) are read
 * here; all others stream later, with back-pressure.
 * @throws AwsError `BodyHashMismatch`, `BodyTooLarge`, …; ClientGone
 */
export async function openBody(x: Exchange, context: BodyContext, door: DoorParts): Promise<OpenBody> {
  const { payload } = context.claim;
  const { clock, limits, backend } = door;
  if (payload.kind === 'body')
    throw new TypeError('A body without a declaration is read before its signature is checked.');
  if (payload.kind === 'sha256' && readFirst(x, limits.bodySmallBytes)) {
    const bytes = await holdBody(x, door, context.onStart);
    if (sha256Hex(bytes) !== payload.hash) throw hashMismatch();
    return heldBody(bytes, payload.hash);
  }
  if (payload.kind === 'streaming' && !hasBody(x)) {
    // Even an empty object has a last chunk.
    throw new AwsError('IncompleteBody', 'The request announces an aws-chunked body and has none.');
  }
  if (!hasBody(x)) return heldBody(Buffer.alloc(0), payload.hash);
  const chunks = (): AsyncGenerator<Buffer> => bodyChunks(x, clock, limits.bodyIdleMs, context.onStart);
  const stream = (source: () => AsyncIterable<Uint8Array>): OutgoingBody => ({
    kind: 'stream',
    source,
    expectContinue: x.expectsContinue,
  });
  const payloadHash = payload.hash;
  if (payload.kind === 'sha256')
    return { payloadHash, toOutgoing: () => stream(() => oneBehind(checkHash(chunks(), payload.hash))) };
  if (payload.kind === 'unsigned') return { payloadHash, toOutgoing: () => stream(chunks) };
  const mode = payload.hash;
  const framing = framingOf(x, mode);
  if (mode === STREAMING_UNSIGNED_TRAILER) {
    return { payloadHash, toOutgoing: () => stream(() => oneBehind(checkFraming(chunks(), mode, framing))) };
  }
  const { key } = context;
  if (key === null || !('signingKey' in key))
    throw new TypeError('Chunks that are signed with SigV4 belong to a request that is.');
  const { authorization } = context.claim;
  const incoming = {
    ...framing,
    mode,
    timestamp: authorization.timestamp,
    scopeText: authorization.scopeText,
    signingKey: key.signingKey,
    seedSignature: authorization.signature,
  };
  return {
    payloadHash,
    toOutgoing(signed) {
      const scope: Scope = signed.scope;
      const outgoing = { scope, timestamp: signed.timestamp, seedSignature: signed.signature };
      return stream(() => oneBehind(resignChunks(chunks(), incoming, outgoing, signed.credentials, backend)));
    },
  };
}

function framingOf(x: Exchange, mode: Parameters<typeof streamingHeaders>[1]): ReturnType<typeof streamingHeaders> {
  try {
    return streamingHeaders(x.wire, mode);
  } catch (error) {
    throw error instanceof SigV4Error ? fromSigV4Error(error) : error;
  }
}

function readFirst(x: Exchange, smallBytes: number): boolean {
  if (!hasBody(x)) return true;
  if (
    x.header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true &&
    x.dialect !== 's3'
  ) {
    return true;
  }
  const length = x.header('content-length');
  return length !== undefined && Number(length) <= smallBytes;
}
