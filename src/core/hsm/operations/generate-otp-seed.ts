import { fieldsOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { newSeedOf } from '../otp/seed-attributes.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { wipedOnceSent } from '../wiped-once-sent.ts';

/** 64 characters of base32, as AWS has it. */
const SEED_BYTES = 40;
const FIRST_VERSION = 1;

export function generateOtpSeed(state: TokenState, input: unknown): HsmOutput<'generateOtpSeed'> {
  const fields = fieldsOf(input, 'input', ['id', 'label', 'createdAt', 'otp']);
  const attributes = newSeedOf(fields, 'verify');
  const keys = workingKeys(state);
  const { random } = state.ports;
  const seed = random.bytes(SEED_BYTES);
  const blob = sealObject(keys, random, { attributes, material: seed }, FIRST_VERSION);
  return { attributes, blob, seed: wipedOnceSent(seed) };
}
