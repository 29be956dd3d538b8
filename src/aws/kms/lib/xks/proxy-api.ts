import { concat, fromBase64, toBase64 } from '../../../../core/crypto/bytes.ts';
import { equal } from '../../../../core/crypto/equal.ts';
import { sha256 } from '../../../../core/crypto/sha256.ts';
import type { OperationContext } from '../../../local/operation-context.ts';
import { callProxy, isRecord, type XksProxy } from './call-proxy.ts';
import { ProxyFailure } from './proxy-failure.ts';

const LONGEST_METADATA = 20;
const IV_BYTES = [12, 16];
const TAG_BYTES = 16;
const MOST_MANAGERS = 10;

/** What a proxy's Encrypt answers, the parts in the lengths that the specification gives them. */
export interface ProxyCiphertext {
  metadata: Uint8Array;
  iv: Uint8Array;
  tag: Uint8Array;
  ciphertext: Uint8Array;
}

/** A key of the external key manager, for one KMS key. */
export interface ExternalKey {
  id: string;
  /** The KMS key's ARN; CreateKey has none yet. */
  kmsKeyArn?: string;
}

function malformed(what: string): ProxyFailure {
  return new ProxyFailure('malformed', `the proxy’s answer: ${what}`);
}

function requestMetadata(ctx: OperationContext, key: ExternalKey) {
  return {
    awsPrincipalArn: ctx.caller.arn,
    ...(key.kmsKeyArn === undefined ? {} : { kmsKeyArn: key.kmsKeyArn }),
    kmsOperation: ctx.operation,
    kmsRequestId: ctx.requestId,
  };
}

/** GetHealthStatus. @throws ProxyFailure, also when no external key manager is available */
export async function checkProxyHealth(ctx: OperationContext, proxy: XksProxy): Promise<void> {
  const answer = await callProxy(ctx, proxy, '/health', {
    requestMetadata: { kmsRequestId: ctx.requestId, kmsOperation: ctx.operation },
  });
  const { xksProxyFleetSize: size, ekmFleetDetails: managers } = answer;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1) throw malformed('xksProxyFleetSize');
  for (const name of ['xksProxyVendor', 'xksProxyModel', 'ekmVendor']) {
    if (typeof answer[name] !== 'string') throw malformed(name);
  }
  if (!Array.isArray(managers) || managers.length === 0 || managers.length > MOST_MANAGERS) {
    throw malformed('ekmFleetDetails');
  }
  const states = managers.map((one: unknown) => {
    const state = isRecord(one) ? one['healthStatus'] : undefined;
    if (state !== 'ACTIVE' && state !== 'DEGRADED' && state !== 'UNAVAILABLE') throw malformed('healthStatus');
    return state;
  });
  if (states.every((state) => state === 'UNAVAILABLE')) {
    throw new ProxyFailure('unavailable', 'every external key manager is unavailable');
  }
}

/** GetKeyMetadata: whether the external key can be what a KMS key needs. @throws ProxyFailure */
export async function isFitExternalKey(ctx: OperationContext, proxy: XksProxy, key: ExternalKey): Promise<boolean> {
  const answer = await callProxy(ctx, proxy, `/keys/${key.id}/metadata`, {
    requestMetadata: requestMetadata(ctx, key),
  });
  const { keySpec, keyUsage, keyStatus } = answer;
  if (typeof keySpec !== 'string') throw malformed('keySpec');
  if (!Array.isArray(keyUsage)) throw malformed('keyUsage');
  if (keyStatus !== 'ENABLED' && keyStatus !== 'DISABLED') throw malformed('keyStatus');
  return (
    keySpec === 'AES_256' && keyStatus === 'ENABLED' && keyUsage.includes('ENCRYPT') && keyUsage.includes('DECRYPT')
  );
}

/** ciphertextDataIntegrityValue (appendix C). */
export function integrityValue(aad: Uint8Array, { metadata, iv, ciphertext, tag }: ProxyCiphertext): Uint8Array {
  return sha256(aad, metadata, iv, ciphertext, tag);
}

/** Encrypt. The proxy's own sum over what it answers (CDIV) has to be right. @throws ProxyFailure */
export async function proxyEncrypt(
  ctx: OperationContext,
  proxy: XksProxy,
  key: ExternalKey,
  { aad, plaintext }: { aad: Uint8Array; plaintext: Uint8Array },
): Promise<ProxyCiphertext> {
  const answer = await callProxy(ctx, proxy, `/keys/${key.id}/encrypt`, {
    requestMetadata: requestMetadata(ctx, key),
    additionalAuthenticatedData: toBase64(aad),
    plaintext: toBase64(plaintext),
    encryptionAlgorithm: 'AES_GCM',
    ciphertextDataIntegrityValueAlgorithm: 'SHA_256',
  });
  const made = {
    metadata: answer['ciphertextMetadata'] === undefined ? new Uint8Array() : bytes(answer, 'ciphertextMetadata'),
    iv: bytes(answer, 'initializationVector'),
    tag: bytes(answer, 'authenticationTag'),
    ciphertext: bytes(answer, 'ciphertext'),
  };
  if (made.metadata.length > LONGEST_METADATA) throw malformed('ciphertextMetadata');
  if (!IV_BYTES.includes(made.iv.length)) throw malformed('initializationVector');
  if (made.tag.length !== TAG_BYTES) throw malformed('authenticationTag');
  if (made.ciphertext.length !== plaintext.length) throw malformed('ciphertext');
  if (!equal(bytes(answer, 'ciphertextDataIntegrityValue'), integrityValue(aad, made))) {
    throw malformed('ciphertextDataIntegrityValue');
  }
  return made;
}

/** Decrypt. @throws ProxyFailure */
export async function proxyDecrypt(
  ctx: OperationContext,
  proxy: XksProxy,
  key: ExternalKey,
  { aad, metadata, iv, tag, ciphertext }: ProxyCiphertext & { aad: Uint8Array },
): Promise<Uint8Array> {
  const answer = await callProxy(ctx, proxy, `/keys/${key.id}/decrypt`, {
    requestMetadata: requestMetadata(ctx, key),
    additionalAuthenticatedData: toBase64(aad),
    encryptionAlgorithm: 'AES_GCM',
    ciphertext: toBase64(ciphertext),
    ...(metadata.length === 0 ? {} : { ciphertextMetadata: toBase64(metadata) }),
    initializationVector: toBase64(iv),
    authenticationTag: toBase64(tag),
  });
  const plaintext = bytes(answer, 'plaintext');
  if (plaintext.length !== ciphertext.length) throw malformed('plaintext');
  return plaintext;
}

function bytes(answer: Record<string, unknown>, name: string): Uint8Array {
  const value = answer[name];
  const decoded = typeof value === 'string' ? fromBase64(value) : null;
  if (decoded === null) throw malformed(name);
  return decoded;
}

/** metadata length (1) || metadata || IV length (1) || IV || tag (16) || ciphertext. */
export function encodeProxyCiphertext({ metadata, iv, tag, ciphertext }: ProxyCiphertext): Uint8Array {
  return concat(Uint8Array.of(metadata.length), metadata, Uint8Array.of(iv.length), iv, tag, ciphertext);
}

/** Null for what `encodeProxyCiphertext` did not make. */
export function decodeProxyCiphertext(blob: Uint8Array): ProxyCiphertext | null {
  const [metadataLength = 0] = blob;
  const ivAt = 1 + metadataLength + 1;
  const ivLength = blob[ivAt - 1] ?? 0;
  const tagAt = ivAt + ivLength;
  const ciphertextAt = tagAt + TAG_BYTES;
  if (metadataLength > LONGEST_METADATA || !IV_BYTES.includes(ivLength) || blob.length <= ciphertextAt) return null;
  return {
    metadata: blob.subarray(1, 1 + metadataLength),
    iv: blob.subarray(ivAt, tagAt),
    tag: blob.subarray(tagAt, ciphertextAt),
    ciphertext: blob.subarray(ciphertextAt),
  };
}
