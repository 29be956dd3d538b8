import { KeyholdError } from '../../../contract/errors.ts';
import { NONCE_BYTES, openWithNonce, sealWithNonce, TAG_BYTES } from '../../crypto/aead.ts';
import { type SecretKey, secretKey } from '../../crypto/secret-key.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import type { HsmOutput, ObjectUsage } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';
import { LONGEST_PAYLOAD } from '../vault-input.ts';

const LONGEST_AAD = 65_536;
const OVERHEAD = NONCE_BYTES + TAG_BYTES;

export function wrap(state: TokenState, input: unknown): HsmOutput<'wrap'> {
  const fields = fieldsOf(input, 'input', ['key', 'plaintext', 'aad']);
  const plaintext = bytesOf(fields['plaintext'], 'plaintext', 0, LONGEST_PAYLOAD);
  const aad = bytesOf(fields['aad'], 'aad', 0, LONGEST_AAD);
  const key = aesKey(state, fields['key'], 'wrap');
  return { wrapped: sealWithNonce(key, state.ports.random, aad, plaintext) };
}

/** `InvalidInput` when the bytes were not wrapped by this key with this AAD. */
export function unwrap(state: TokenState, input: unknown): HsmOutput<'unwrap'> {
  const fields = fieldsOf(input, 'input', ['key', 'wrapped', 'aad']);
  const wrapped = bytesOf(fields['wrapped'], 'wrapped', OVERHEAD, LONGEST_PAYLOAD + OVERHEAD);
  const aad = bytesOf(fields['aad'], 'aad', 0, LONGEST_AAD);
  const plaintext = openWithNonce(aesKey(state, fields['key'], 'unwrap'), aad, wrapped);
  if (plaintext === null) {
    throw new KeyholdError('InvalidInput', 'This was not wrapped by this key in this context.');
  }
  return { plaintext };
}

function aesKey(state: TokenState, key: unknown, usage: ObjectUsage): SecretKey {
  const object = objectFor(state, key, { usage, specs: ['AES_256'] });
  object.prepared ??= secretKey(object.material);
  return object.prepared;
}
