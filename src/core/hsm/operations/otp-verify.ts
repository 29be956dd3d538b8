import { KeyholdError } from '../../../contract/errors.ts';
import { utf8 } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { fieldsOf, integerOf, invalid, listOf, matchOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { codeOf, stepAt } from '../otp/codes.ts';
import { type OtpObject, otpObjectFor } from '../otp/otp-object.ts';
import type { HsmOutput, ObjectAttributes } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';

const MOST_CODES = 2;
/** By the number of codes. */
const WIDEST_WINDOWS: readonly number[] = [0, 2, 60];

export function otpVerify(state: TokenState, input: unknown): HsmOutput<'otpVerify'> {
  const fields = fieldsOf(input, 'input', ['key', 'codes', 'window']);
  const codes = listOf(fields['codes'], 'codes', MOST_CODES, (code) =>
    matchOf(code, 'codes', /^\d{6,8}$/, 'codes of 6 to 8 digits'),
  );
  if (codes.length === 0) throw invalid('codes', 'one code or two');
  const window = integerOf(fields['window'], 'window', 0, WIDEST_WINDOWS[codes.length] ?? 0);
  const keys = workingKeys(state);
  const found = otpObjectFor(state, fields['key'], 'verify');
  const { object, otp } = found;
  if (otp.type !== 'totp') throw new KeyholdError('HsmRefused', 'Only codes by the clock are verified.');
  const step = lastStep(found, codes, stepAt(state.ports.clock.now(), otp.period), window);
  if (step === null) return { verified: null };
  const attributes: ObjectAttributes = { ...object.attributes, otp: { ...otp, next: step + 1 } };
  const version = object.version + 1;
  const blob = sealObject(keys, state.ports.random, { attributes, material: object.material }, version);
  state.otp.next.set(attributes.id, step + 1);
  return { verified: { attributes, blob, version, step } };
}

/** The step of the last code. Every step of the window is tried whatever matches, so that the time taken does not tell which one it is. */
function lastStep({ object, otp, next }: OtpObject, codes: string[], now: number, window: number): number | null {
  const first = Math.max(next, now - window - codes.length + 1, 0);
  const made: Uint8Array[] = [];
  for (let step = first; step <= now + window; step += 1) made.push(utf8(codeOf(object.material, otp, step).code));
  const asked = codes.map(utf8);
  let found: number | null = null;
  for (let at = 0; at + asked.length <= made.length; at += 1) {
    const right = asked.filter((code, place) => equal(made[at + place] ?? new Uint8Array(), code)).length;
    if (right === asked.length) found ??= first + at + asked.length - 1;
  }
  return found;
}
