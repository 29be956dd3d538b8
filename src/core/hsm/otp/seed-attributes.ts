import { type Fields, instantOf, recordIdOf } from '../input.ts';
import { labelOf } from '../object-attributes.ts';
import type { ObjectAttributes } from '../protocol.ts';
import { otpParametersOf } from './parameters.ts';

/** Of the input that a seed is imported or made from: one that makes codes (`otp`) or one that checks them (`verify`). */
export function newSeedOf(fields: Fields, usage: 'otp' | 'verify'): ObjectAttributes {
  return {
    id: recordIdOf(fields['id'], 'id'),
    class: 'secret-key',
    spec: 'OTP_SEED',
    usage: [usage],
    extractable: false,
    label: labelOf(fields['label']),
    createdAt: instantOf(fields['createdAt'], 'createdAt'),
    policy: {},
    otp: otpParametersOf(fields['otp']),
  };
}
