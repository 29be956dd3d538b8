import { KeyholdError } from '../../../contract/errors.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { admitTouched } from '../gates/admit-touched.ts';
import { fieldsOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { LONGEST_SEED, SHORTEST_SEED } from '../otp/codes.ts';
import { otpObjectFor } from '../otp/otp-object.ts';
import { newSeedOf } from '../otp/seed-attributes.ts';
import type { HsmOutput } from '../protocol.ts';
import { openSealed, replyKeyOf, sealReply } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { isPassword } from '../way-in.ts';
import { ownersSlot } from './check-secret.ts';

const FIRST_VERSION = 1;

export async function importOtpSeed(state: TokenState, input: unknown): Promise<HsmOutput<'importOtpSeed'>> {
  const fields = fieldsOf(input, 'input', ['id', 'sealed', 'label', 'createdAt', 'otp']);
  const attributes = newSeedOf(fields, 'otp');
  const keys = workingKeys(state);
  const material = await openSeed(state, fields['sealed']);
  try {
    return { attributes, blob: sealObject(keys, state.ports.random, { attributes, material }, FIRST_VERSION) };
  } finally {
    wipe(material);
  }
}

async function openSeed(state: TokenState, sealed: unknown): Promise<Uint8Array> {
  const seed = await openSealed(state, sealed, 'sealed', 'otp-seed');
  if (seed.length >= SHORTEST_SEED && seed.length <= LONGEST_SEED) return seed;
  wipe(seed);
  throw new KeyholdError(
    'InvalidInput',
    `The secret of a one-time code has ${SHORTEST_SEED} to ${LONGEST_SEED} bytes. Copy all of it again.`,
  );
}

export async function compareOtpSeed(state: TokenState, input: unknown): Promise<HsmOutput<'compareOtpSeed'>> {
  const fields = fieldsOf(input, 'input', ['key', 'sealed']);
  // Before and after the secret is opened: the cache may have let go of the object meanwhile.
  otpObjectFor(state, fields['key']);
  const given = await openSeed(state, fields['sealed']);
  try {
    return { same: equal(given, otpObjectFor(state, fields['key']).object.material) };
  } finally {
    wipe(given);
  }
}

export async function otpExport(state: TokenState, input: unknown): Promise<HsmOutput<'otpExport'>> {
  const fields = fieldsOf(input, 'input', ['key', 'secret', 'slots', 'enrolled', 'replyKey']);
  const replyKey = replyKeyOf(fields['replyKey']);
  const { id } = otpObjectFor(state, fields['key']).object.attributes;
  if (isPassword(fields['secret'])) {
    await admitTouched(state, { op: 'otpExport', object: id }, input, { enrolled: fields['enrolled'] });
  }
  const { slot } = await ownersSlot(state, fields['secret'], fields['slots']);
  if (slot === null) {
    throw new KeyholdError('WrongSecret', 'This does not open the vault. Check it and try again.');
  }
  const { object } = otpObjectFor(state, fields['key']);
  const seed = new Uint8Array(object.material);
  try {
    return { seed: await sealReply(replyKey, 'otp-seed', seed), attributes: object.attributes, slot };
  } finally {
    wipe(seed);
  }
}
