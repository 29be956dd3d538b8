import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, invalid, oneOf, recordIdOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { attributesOf } from '../object-attributes.ts';
import type { HsmInput, HsmOutput, ObjectAttributes } from '../protocol.ts';
import { openSealed } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';

type Purpose = HsmInput<'importObject'>['purpose'];
const PURPOSES: readonly Purpose[] = [
  'secret-access-key',
  'session-token',
  'key-material',
  'token-pin',
  'service-password',
  'oidc-client-secret',
];
const FIRST_VERSION = 1;
const LONGEST_TOKEN = 16 * 1024;
const LONGEST_GENERIC = 16 * 1024;
const LONGEST_HMAC_KEY = 1024;
/** S3-compatible stores take secrets this short; AWS's have 40 characters. */
const SHORTEST_SECRET = 8;
const LONGEST_SECRET = 128;
/** Amazon Bedrock's API keys have some 130 characters. */
const LONGEST_SERVICE_PASSWORD = 4096;
const LONGEST_CLIENT_SECRET = 4096;
/** What PKCS#11 tokens take at most; AWS CloudHSM's is `user:password`. */
const LONGEST_PIN = 255;

export async function importObject(state: TokenState, input: unknown): Promise<HsmOutput<'importObject'>> {
  const fields = fieldsOf(input, 'input', ['id', 'sealed', 'purpose', 'attributes']);
  const id = recordIdOf(fields['id'], 'id');
  const purpose = oneOf(fields['purpose'], 'purpose', PURPOSES);
  const attributes = attributesOf(fields['attributes'], id);
  requirePurposeFits(purpose, attributes);
  const keys = workingKeys(state);
  const material = await openSealed(state, fields['sealed'], 'sealed', purpose);
  try {
    requireMaterialFits(purpose, attributes, material);
    return { attributes, blob: sealObject(keys, state.ports.random, { attributes, material }, FIRST_VERSION) };
  } finally {
    wipe(material);
  }
}

/** A secret sealed as one thing never becomes another. */
function requirePurposeFits(purpose: Purpose, { class: objectClass, spec }: ObjectAttributes): void {
  const fits = {
    'secret-access-key': spec === 'AWS_SECRET_ACCESS_KEY',
    'session-token': spec === 'GENERIC_SECRET' && objectClass === 'data',
    'key-material':
      objectClass === 'secret-key' &&
      (spec === 'GENERIC_SECRET' || spec === 'AES_256' || Object.hasOwn(HMAC_KEY_BYTES, spec)),
    'token-pin': spec === 'TOKEN_PIN',
    'service-password': spec === 'SERVICE_PASSWORD',
    'oidc-client-secret': spec === 'GENERIC_SECRET' && objectClass === 'data',
  }[purpose];
  if (!fits) throw invalid('attributes', `those of an object imported as ${purpose}`);
}

/** An HMAC key shorter than its hash would be weaker than its name (RFC 2104 section 3). */
const HMAC_KEY_BYTES = { HMAC_256: 32, HMAC_384: 48, HMAC_512: 64 } as const;
const AES_256_BYTES = 32;

function requireMaterialFits(purpose: Purpose, { spec }: ObjectAttributes, material: Uint8Array): void {
  const { length } = material;
  if (purpose === 'secret-access-key') {
    requireSecretAccessKey(material);
    return;
  }
  if (purpose === 'session-token') {
    if (length === 0 || length > LONGEST_TOKEN || !material.every(isVisibleAscii)) {
      throw new KeyholdError(
        'InvalidInput',
        'A session token is one line of up to 16 KiB without spaces. Copy it again.',
      );
    }
    return;
  }
  if (purpose === 'service-password') {
    if (length === 0 || length > LONGEST_SERVICE_PASSWORD || !material.every(isVisibleAscii)) {
      throw materialError(
        'A password of a service is one line of up to 4,096 characters without spaces. Copy it again.',
      );
    }
    return;
  }
  if (purpose === 'oidc-client-secret') {
    // RFC 6749, appendix A.2: spaces too.
    if (
      length === 0 ||
      length > LONGEST_CLIENT_SECRET ||
      !material.every((byte) => byte === 0x20 || isVisibleAscii(byte))
    ) {
      throw materialError('A client secret is one line of up to 4,096 letters, digits and signs. Copy it again.');
    }
    return;
  }
  if (purpose === 'token-pin') {
    requirePin(material);
    return;
  }
  switch (spec) {
    case 'AES_256':
      if (length !== AES_256_BYTES) throw materialError('An AES-256 key has exactly 32 bytes.');
      return;
    case 'HMAC_256':
    case 'HMAC_384':
    case 'HMAC_512': {
      const least = HMAC_KEY_BYTES[spec];
      if (length < least || length > LONGEST_HMAC_KEY) {
        throw materialError(`A key of spec ${spec} has ${least} to ${LONGEST_HMAC_KEY} bytes.`);
      }
      return;
    }
    default:
      if (length === 0 || length > LONGEST_GENERIC) throw materialError('A generic secret has 1 to 16,384 bytes.');
  }
}

function requirePin(material: Uint8Array): void {
  const controls = material.some((byte) => byte < 0x20 || byte === 0x7f);
  if (material.length === 0 || material.length > LONGEST_PIN || controls || !isUtf8(material)) {
    throw materialError('A PIN has 1 to 255 bytes of text without line breaks. Enter it again.');
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The message never repeats what was pasted: it may be a real secret with a typing mistake. */
function requireSecretAccessKey(material: Uint8Array): void {
  if (material.length < SHORTEST_SECRET || material.length > LONGEST_SECRET) {
    throw materialError(
      `A secret access key has 8 to 128 characters (AWS’s have 40), this has ${material.length}. Copy it again.`,
    );
  }
  if (!material.every(isVisibleAscii)) {
    throw materialError(
      'A secret access key has letters, digits and signs without spaces or line breaks. Copy it again.',
    );
  }
}

function isVisibleAscii(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

function materialError(message: string): KeyholdError {
  return new KeyholdError('InvalidInput', message);
}
