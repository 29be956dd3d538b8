import { KeyholdError } from '../../../contract/errors.ts';
import { toBase64, utf8 } from '../../crypto/bytes.ts';
import { generateP256, importP256, p256PublicKey } from '../../crypto/ecdsa-p256.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { Random } from '../../ports.ts';
import { isSymmetricSpec, SYMMETRIC_KEY_BYTES } from '../algorithms/specs.ts';
import { fieldsOf, recordIdOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { attributesOf } from '../object-attributes.ts';
import type { HsmOutput, ObjectSpec } from '../protocol.ts';
import { replyKeyOf, sealReply } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';

const GENERIC_SECRET_BYTES = 32;
const FIRST_VERSION = 1;
/** 30 random bytes are 40 base64 characters without padding: the shape of AWS's own secrets. */
const CLIENT_SECRET_RANDOM_BYTES = 30;

export async function generateObject(state: TokenState, input: unknown): Promise<HsmOutput<'generateObject'>> {
  const fields = fieldsOf(input, 'input', ['id', 'attributes', 'revealTo']);
  const revealTo = fields['revealTo'] === undefined ? undefined : replyKeyOf(fields['revealTo']);
  const attributes = attributesOf(fields['attributes'], recordIdOf(fields['id'], 'id'));
  const keys = workingKeys(state);
  if (attributes.class === 'data') {
    throw new KeyholdError('HsmRefused', 'Data is imported, not generated.');
  }
  if (revealTo !== undefined && attributes.spec !== 'CLIENT_SECRET_KEY') {
    throw new KeyholdError('HsmRefused', 'This secret never leaves the vault.');
  }
  const material = newMaterial(attributes.spec, state.ports.random);
  try {
    const blob = sealObject(keys, state.ports.random, { attributes, material }, FIRST_VERSION);
    if (revealTo !== undefined) {
      return { attributes, blob, revealed: await sealReply(revealTo, 'client-secret', material) };
    }
    if (attributes.spec !== 'EC_P256') return { attributes, blob };
    return { attributes, blob, publicKey: p256PublicKey(importP256(material)) };
  } finally {
    wipe(material);
  }
}

function newMaterial(spec: ObjectSpec, random: Random): Uint8Array {
  if (isSymmetricSpec(spec)) return random.bytes(SYMMETRIC_KEY_BYTES[spec]);
  switch (spec) {
    case 'GENERIC_SECRET':
      return random.bytes(GENERIC_SECRET_BYTES);
    case 'CLIENT_SECRET_KEY': {
      const bytes = random.bytes(CLIENT_SECRET_RANDOM_BYTES);
      try {
        return utf8(toBase64(bytes));
      } finally {
        wipe(bytes);
      }
    }
    case 'EC_P256':
      return generateP256();
    case 'AWS_SECRET_ACCESS_KEY':
      throw new KeyholdError('HsmRefused', 'Only AWS makes secret access keys. Import one.');
    default:
      throw new KeyholdError('HsmRefused', `A key of spec ${spec} is made for a KMS key only.`);
  }
}
