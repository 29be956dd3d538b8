import { bytesOf, fieldsOf, invalid } from '../input.ts';
import { invalidCiphertext, LONGEST_CIPHERTEXT } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { keyPairFor, unable } from '../use-key-pair.ts';

const LONGEST_PUBLIC_KEY = 8192;

export function kmsDeriveSharedSecret(state: TokenState, input: unknown): HsmOutput<'kmsDeriveSharedSecret'> {
  const fields = fieldsOf(input, 'input', ['key', 'publicKey']);
  const publicKey = bytesOf(fields['publicKey'], 'publicKey', 1, LONGEST_PUBLIC_KEY);
  const { pair, spec } = keyPairFor(state, fields['key'], 'derive');
  if (pair.deriveSharedSecret === undefined) throw unable(spec, 'agree on a secret by ECDH');
  const sharedSecret = pair.deriveSharedSecret(publicKey);
  if (sharedSecret === null) throw invalid('publicKey', `SubjectPublicKeyInfo of a key of spec ${spec}`);
  return { sharedSecret };
}

export function kmsEncapsulate(state: TokenState, input: unknown): HsmOutput<'kmsEncapsulate'> {
  const fields = fieldsOf(input, 'input', ['key']);
  const { pair, spec } = keyPairFor(state, fields['key'], 'derive');
  if (pair.encapsulate === undefined) throw unable(spec, 'encapsulate');
  return pair.encapsulate(state.ports.random);
}

export function kmsDecapsulate(state: TokenState, input: unknown): HsmOutput<'kmsDecapsulate'> {
  const fields = fieldsOf(input, 'input', ['key', 'ciphertext']);
  const ciphertext = bytesOf(fields['ciphertext'], 'ciphertext', 1, LONGEST_CIPHERTEXT);
  const { pair, spec } = keyPairFor(state, fields['key'], 'derive');
  if (pair.decapsulate === undefined) throw unable(spec, 'decapsulate');
  const sharedSecret = pair.decapsulate(ciphertext);
  if (sharedSecret === null) throw invalidCiphertext();
  return { sharedSecret };
}
