import { KeyholdError } from '../../../contract/errors.ts';
import { fieldsOf, MOST_COUNTED, recordIdOf, versionOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { addClaim, takeClaim } from '../otp/claims.ts';
import { codeOf, stepAt } from '../otp/codes.ts';
import { type OtpObject, otpObjectFor } from '../otp/otp-object.ts';
import type { HsmOutput, ObjectAttributes } from '../protocol.ts';
import { tagOf } from '../sealed-record.ts';
import { type TokenState, workingKeys } from '../state.ts';

export function otpShow(state: TokenState, input: unknown): HsmOutput<'otpShow'> {
  const fields = fieldsOf(input, 'input', ['key']);
  const { object, otp, next } = otpObjectFor(state, fields['key']);
  if (otp.type === 'hotp') return { current: null, next: null, usableFrom: 0 };
  const step = stepAt(state.ports.clock.now(), otp.period);
  const shown = (at: number) => (at < next ? null : codeOf(object.material, otp, at));
  return { current: shown(step), next: shown(step + 1), usableFrom: Math.max(step, next) * otp.period * 1000 };
}

export function otpClaim(state: TokenState, input: unknown): HsmOutput<'otpClaim'> {
  const fields = fieldsOf(input, 'input', ['key']);
  const keys = workingKeys(state);
  const found = otpObjectFor(state, fields['key']);
  const now = state.ports.clock.now();
  const step = freeStep(found, now);
  if (step === null) return { wait: Math.ceil(found.next * found.otp.period * 1000 - now) };
  const { object, otp } = found;
  const attributes: ObjectAttributes = { ...object.attributes, otp: { ...otp, next: step + 1 } };
  const version = object.version + 1;
  const { material } = object;
  const blob = sealObject(keys, state.ports.random, { attributes, material }, version);
  addClaim(state.otp, { id: attributes.id, version, code: codeOf(material, otp, step) }, tagOf(blob));
  return { claimed: { attributes, blob, version, step } };
}

/** Null while the present time step has been used. */
function freeStep({ otp, next }: OtpObject, now: number): number | null {
  if (otp.type === 'totp') {
    const step = stepAt(now, otp.period);
    return step < next ? null : step;
  }
  if (next < MOST_COUNTED) return next;
  throw new KeyholdError('HsmRefused', 'The counter of this device is at its end. Enrol a new one.');
}

export function otpCode(state: TokenState, input: unknown): HsmOutput<'otpCode'> {
  const fields = fieldsOf(input, 'input', ['id', 'version']);
  const id = recordIdOf(fields['id'], 'id');
  const version = versionOf(fields['version'], 'version');
  workingKeys(state);
  const code = takeClaim(state.otp, id, version);
  if (code !== null) return code;
  throw new KeyholdError('HsmRefused', 'This code has not been taken, or was handed out before. Ask for a new one.');
}
