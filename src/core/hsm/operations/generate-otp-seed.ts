import { fieldsOf, instantOf, recordIdOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { labelOf } from '../object-attributes.ts';
import { otpParametersOf } from '../otp/parameters.ts';
import type { HsmOutput, ObjectAttributes } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { wipedOnceSent } from '../wiped-once-sent.ts';

/** 64 characters of base32, as AWS has it. */
const SEED_BYTES = 40;
const FIRST_VERSION = 1;

export function generateOtpSeed(state: TokenState, input: unknown): HsmOutput<'generateOtpSeed'> {
  const fields = fieldsOf(input, 'input', ['id', 'label', 'createdAt', 'otp']);
  const attributes: ObjectAttributes = {
    id: recordIdOf(fields['id'], 'id'),
    class: 'secret-key',
    spec: 'OTP_SEED',
    usage: ['verify'],
    extractable: false,
    label: labelOf(fields['label']),
    createdAt: instantOf(fields['createdAt'], 'createdAt'),
    policy: {},
    otp: otpParametersOf(fields['otp']),
  };
  const keys = workingKeys(state);
  const { random } = state.ports;
  const seed = random.bytes(SEED_BYTES);
  const blob = sealObject(keys, random, { attributes, material: seed }, FIRST_VERSION);
  return { attributes, blob, seed: wipedOnceSent(seed) };
}
