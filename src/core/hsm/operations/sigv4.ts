import { KeyholdError } from '../../../contract/errors.ts';
import { fromHex } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { hmacSha256Hex } from '../../crypto/hmac.ts';
import { type SecretKey, secretKey } from '../../crypto/secret-key.ts';
import { deriveSigV4Key } from '../../crypto/sigv4-key.ts';
import { wipe } from '../../crypto/wipe.ts';
import { mayContinue, requireContinued } from '../gates/continued.ts';
import { requireNoGate } from '../gates/no-gate.ts';
import { requireTouchFor } from '../gates/require-touch.ts';
import { fieldsOf, invalid, listOf, matchOf, textOf } from '../input.ts';
import { type CachedObject, rememberSigningKey } from '../object-cache.ts';
import type { HsmOutput, ObjectSpec, Scope } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';

const SIGNERS: readonly ObjectSpec[] = ['AWS_SECRET_ACCESS_KEY', 'CLIENT_SECRET_KEY'];
const CLIENTS: readonly ObjectSpec[] = ['CLIENT_SECRET_KEY'];
const DATE = /^\d{8}$/;
const TIMESTAMP = /^\d{8}T\d{6}Z$/;
const SCOPE_PART = /^[\x21-\x2e\x30-\x7e]{1,128}$/;
const HEX_SHA256 = /^[0-9a-f]{64}$/;
const LONGEST_STRING_TO_SIGN = 65_536;
const MOST_CHUNKS = 65_536;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** HMAC of the string to sign under the scope's signing key (AWS "Signature Version 4", create the signature). */
export function sigv4Sign(state: TokenState, input: unknown): HsmOutput<'sigv4Sign'> {
  const fields = fieldsOf(input, 'input', ['key', 'scope', 'stringToSign']);
  const scope = scopeOf(fields['scope']);
  const stringToSign = stringToSignOf(fields['stringToSign']);
  const object = signer(state, fields['key'], scope, SIGNERS);
  const signature = hmacSha256Hex(signingKey(object, scope), stringToSign);
  mayContinue(state, object, signature);
  return { signature };
}

export function sigv4Verify(state: TokenState, input: unknown): HsmOutput<'sigv4Verify'> {
  const fields = fieldsOf(input, 'input', ['key', 'scope', 'stringToSign', 'signature']);
  const scope = scopeOf(fields['scope']);
  const stringToSign = stringToSignOf(fields['stringToSign']);
  const signature = textOf(fields['signature'], 'signature', 0, 1024);
  const object = signer(state, fields['key'], scope, SIGNERS);
  const expected = hmacSha256Hex(signingKey(object, scope), stringToSign);
  const valid = HEX_SHA256.test(signature) && equal(fromHex(signature), fromHex(expected));
  const { id, policy } = object.attributes;
  if (valid && policy.mfa !== undefined) {
    requireTouchFor(state, { op: 'sigv4Verify', object: id, gate: policy.mfa }, input);
  }
  return { valid };
}

/** Each chunk's signature covers the one before (AWS "Signature calculations … transferring payload in multiple chunks"). */
export function sigv4SignChunks(state: TokenState, input: unknown): HsmOutput<'sigv4SignChunks'> {
  const fields = fieldsOf(input, 'input', [
    'key',
    'scope',
    'timestamp',
    'previousSignature',
    'chunkHashes',
    'trailerHash',
  ]);
  const scope = scopeOf(fields['scope']);
  const timestamp = matchOf(fields['timestamp'], 'timestamp', TIMESTAMP, 'like 20150830T123600Z');
  if (!timestamp.startsWith(scope.date)) throw invalid('timestamp', 'on the day of the scope');
  let previous = hashOf(fields['previousSignature'], 'previousSignature');
  const chunkHashes = listOf(fields['chunkHashes'], 'chunkHashes', MOST_CHUNKS, hashOf);
  const trailerHash = fields['trailerHash'] === undefined ? undefined : hashOf(fields['trailerHash'], 'trailerHash');
  const object = signer(state, fields['key'], scope, SIGNERS);
  requireContinued(state, object, previous, { op: 'sigv4SignChunks', input });
  const key = signingKey(object, scope);
  const signedScope = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const signatures = chunkHashes.map((hash) => {
    previous = hmacSha256Hex(
      key,
      `AWS4-HMAC-SHA256-PAYLOAD\n${timestamp}\n${signedScope}\n${previous}\n${EMPTY_SHA256}\n${hash}`,
    );
    return previous;
  });
  if (trailerHash === undefined) {
    mayContinue(state, object, previous);
    return { signatures };
  }
  const trailer = `AWS4-HMAC-SHA256-TRAILER\n${timestamp}\n${signedScope}\n${previous}\n${trailerHash}`;
  return { signatures, trailerSignature: hmacSha256Hex(key, trailer) };
}

/** The one derived key that leaves the HSM: a client key is worth nothing outside our own endpoint. */
export function sigv4DeriveClientKey(state: TokenState, input: unknown): HsmOutput<'sigv4DeriveClientKey'> {
  const fields = fieldsOf(input, 'input', ['key', 'scope']);
  const scope = scopeOf(fields['scope']);
  const object = signer(state, fields['key'], scope, CLIENTS);
  requireNoGate(object);
  return { signingKey: deriveSigV4Key(object.material, scope.date, scope.region, scope.service) };
}

function signer(state: TokenState, key: unknown, scope: Scope, specs: readonly ObjectSpec[]): CachedObject {
  const object = objectFor(state, key, { usage: 'sigv4', specs });
  const { services, regions } = object.attributes.policy;
  if (services !== undefined && !services.includes(scope.service)) {
    throw new KeyholdError('HsmRefused', 'This key may not sign for that service.');
  }
  if (regions !== undefined && !regions.includes(scope.region)) {
    throw new KeyholdError('HsmRefused', 'This key may not sign for that region.');
  }
  return object;
}

function signingKey(object: CachedObject, scope: Scope): SecretKey {
  const name = `${scope.date}/${scope.region}/${scope.service}`;
  const cached = object.signingKeys.get(name);
  if (cached !== undefined) return cached;
  const derived = deriveSigV4Key(object.material, scope.date, scope.region, scope.service);
  try {
    return rememberSigningKey(object, name, secretKey(derived));
  } finally {
    wipe(derived);
  }
}

function scopeOf(value: unknown): Scope {
  const fields = fieldsOf(value, 'scope', ['date', 'region', 'service']);
  return {
    date: matchOf(fields['date'], 'scope.date', DATE, 'YYYYMMDD'),
    region: matchOf(fields['region'], 'scope.region', SCOPE_PART, 'a region'),
    service: matchOf(fields['service'], 'scope.service', SCOPE_PART, 'a service name'),
  };
}

function stringToSignOf(value: unknown): string {
  return textOf(value, 'stringToSign', 1, LONGEST_STRING_TO_SIGN);
}

function hashOf(value: unknown, name: string): string {
  return matchOf(value, name, HEX_SHA256, '64 lower-case hex digits');
}
