import { KeyholdError } from '../../../contract/errors.ts';
import type { ToSign } from '../algorithms/key-pair.ts';
import { KEY_PAIRS } from '../algorithms/key-pairs.ts';
import { isSigningAlgorithm, requireMessageFits } from '../algorithms/signing-rules.ts';
import { bytesOf, type Fields, fieldsOf, invalid, oneOf } from '../input.ts';
import { LONGEST_CIPHERTEXT, LONGEST_MESSAGE } from '../kms-input.ts';
import type { HsmOutput, MessageType } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { keyPairFor, type UsableKeyPair, unable } from '../use-key-pair.ts';

const MESSAGE_TYPES: readonly MessageType[] = ['RAW', 'DIGEST', 'EXTERNAL_MU'];

export async function kmsSign(state: TokenState, input: unknown): Promise<HsmOutput<'kmsSign'>> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'messageType', 'message']);
  const toSign = toSignOf(fields);
  const key = signerOf(state, fields['key'], 'sign', toSign);
  if (key.pair.sign === undefined) throw unable(key.spec, 'sign');
  return { signature: await key.pair.sign(toSign, state.ports.random) };
}

export function kmsVerify(state: TokenState, input: unknown): HsmOutput<'kmsVerify'> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'messageType', 'message', 'signature']);
  const toSign = toSignOf(fields);
  const signature = bytesOf(fields['signature'], 'signature', 1, LONGEST_CIPHERTEXT);
  const key = signerOf(state, fields['key'], 'verify', toSign);
  if (key.pair.verify === undefined) throw unable(key.spec, 'verify');
  return { valid: key.pair.verify(toSign, signature) };
}

function toSignOf(fields: Fields): ToSign {
  const algorithm = fields['algorithm'];
  if (!isSigningAlgorithm(algorithm)) throw invalid('algorithm', 'a signing algorithm');
  const toSign = {
    algorithm,
    messageType: oneOf(fields['messageType'], 'messageType', MESSAGE_TYPES),
    message: bytesOf(fields['message'], 'message', 0, LONGEST_MESSAGE),
  };
  requireMessageFits(toSign);
  return toSign;
}

function signerOf(state: TokenState, key: unknown, usage: 'sign' | 'verify', { algorithm }: ToSign): UsableKeyPair {
  const signer = keyPairFor(state, key, usage);
  if (!KEY_PAIRS[signer.spec].signing.includes(algorithm)) {
    throw new KeyholdError('HsmRefused', `A key of spec ${signer.spec} does not do ${algorithm}.`);
  }
  return signer;
}
