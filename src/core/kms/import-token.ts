import { concat, fromHex, toHex } from '../crypto/bytes.ts';
import type { Hsm, ImportKeySpec, ObjectRef, WrappingAlgorithm } from '../hsm/protocol.ts';
import { KmsError } from './kms-error.ts';

const FORMAT = 1;
const ID_BYTES = 16;
const VERSION = 1;
const VALID_MS = 24 * 3_600_000;
const LABEL_PREFIX = 'kms import';

/** The wrapping algorithms that are still offered; AWS has withdrawn RSAES_PKCS1_V1_5. */
const ALGORITHMS = [
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'SM2PKE',
] as const satisfies readonly WrappingAlgorithm[];
export type ImportAlgorithm = (typeof ALGORITHMS)[number];

export function importAlgorithm(name: string): ImportAlgorithm | undefined {
  return ALGORITHMS.find((one) => one === name);
}

export interface ImportParameters {
  token: Uint8Array;
  /** SubjectPublicKeyInfo DER. */
  publicKey: Uint8Array;
  /** ms since epoch */
  validTo: number;
}

function labelOf(arn: string, algorithm: ImportAlgorithm): string {
  return `${LABEL_PREFIX} ${algorithm} ${arn}`;
}

/**
 * A wrapping key and its token. Nothing is stored: the token *is* the wrapping key, sealed by the HSM as it seals all objects, so only the
 * HSM that made it can use it. What it is for (key and algorithm, in its label) and how long (`notAfter`) is authenticated with it.
 * Layout: format (1) || object id (16) || sealed object.
 */
export async function makeImportParameters(
  hsm: Hsm,
  wanted: { id: string; spec: ImportKeySpec; algorithm: ImportAlgorithm; arn: string; now: number },
): Promise<ImportParameters> {
  const validTo = wanted.now + VALID_MS;
  const { blob, publicKey } = await hsm.call('generateImportKey', {
    id: wanted.id,
    spec: wanted.spec,
    label: labelOf(wanted.arn, wanted.algorithm),
    createdAt: wanted.now,
    notAfter: validTo,
  });
  return { token: concat(Uint8Array.of(FORMAT), fromHex(wanted.id), blob), publicKey, validTo };
}

function invalidToken(): KmsError {
  return new KmsError('InvalidImportTokenException', 'The import token is not valid for this KMS key.');
}

/** The wrapping key of a token that was made for this key. Throws InvalidImportTokenException or ExpiredImportTokenException. */
export async function openImportToken(
  hsm: Hsm,
  token: Uint8Array,
  arn: string,
  now: number,
): Promise<{ wrappingKey: ObjectRef; algorithm: ImportAlgorithm }> {
  if (token[0] !== FORMAT || token.length <= 1 + ID_BYTES) throw invalidToken();
  const wrappingKey = {
    id: toHex(token.subarray(1, 1 + ID_BYTES)),
    version: VERSION,
    blob: token.subarray(1 + ID_BYTES),
  };
  // Described, not used: bytes that do not open are no token of ours, which for a token says nothing about the vault.
  const { id, version, blob } = wrappingKey;
  const { attributes } = await hsm.call('describeObjects', {
    records: [{ id, kind: 'object', version, sealed: blob }],
  });
  const [described] = attributes;
  if (described === undefined || described === null) throw invalidToken();
  const { label, usage, policy } = described;
  const algorithm = ALGORITHMS.find((one) => label === labelOf(arn, one));
  if (algorithm === undefined || !usage.includes('unwrap') || policy.notAfter === undefined) throw invalidToken();
  if (policy.notAfter > now) return { wrappingKey, algorithm };
  throw new KmsError('ExpiredImportTokenException', 'The import token has expired. Get new parameters for import.');
}
