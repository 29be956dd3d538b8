import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { KEY_PAIRS } from '../algorithms/key-pairs.ts';
import { pemToPkcs8 } from '../algorithms/pem-key.ts';
import { fieldsOf, instantOf, recordIdOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { attributesOf, labelOf } from '../object-attributes.ts';
import type { HsmOutput } from '../protocol.ts';
import { openSealed } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';

const FIRST_VERSION = 1;

export async function importX509Key(state: TokenState, input: unknown): Promise<HsmOutput<'importX509Key'>> {
  const fields = fieldsOf(input, 'input', ['id', 'sealed', 'label', 'createdAt']);
  const id = recordIdOf(fields['id'], 'id');
  const label = labelOf(fields['label']);
  const createdAt = instantOf(fields['createdAt'], 'createdAt');
  const keys = workingKeys(state);
  const pem = await openSealed(state, fields['sealed'], 'sealed', 'private-key');
  let pkcs8: Uint8Array | undefined;
  let material: Uint8Array | null = null;
  try {
    const read = pemToPkcs8(pem);
    pkcs8 = read.pkcs8;
    const { spec } = read;
    material = KEY_PAIRS[spec].fromPkcs8(pkcs8);
    if (material === null) throw unsound();
    const attributes = attributesOf(
      { class: 'private-key', spec, usage: ['sign'], extractable: false, label, createdAt, policy: {} },
      id,
    );
    const pair = KEY_PAIRS[spec].privateKey(material);
    pair.wipe?.();
    const blob = sealObject(keys, state.ports.random, { attributes, material }, FIRST_VERSION);
    return { attributes, blob, publicKey: pair.spki, spec };
  } finally {
    wipe(pem, pkcs8, material);
  }
}

function unsound(): KeyholdError {
  return new KeyholdError(
    'InvalidKeyMaterial',
    'This private key does not sign what its own public key verifies. Export it again.',
  );
}
