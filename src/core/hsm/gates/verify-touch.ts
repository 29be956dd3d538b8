import { KeyholdError } from '../../../contract/errors.ts';
import { KEYHOLD_RP_ID } from '../../fido/rp-id.ts';
import { type AssertionFlaw, type AssertionToVerify, verifyAssertion } from '../../fido/verify-assertion.ts';

const WHY: Readonly<Record<Exclude<AssertionFlaw, 'Cloned'>, string>> = {
  Malformed: 'It sent what no security key sends.',
  RpIdHash: 'It answered for something else.',
  UserNotPresent: 'It was not touched.',
  UserNotVerified: 'It did not ask who touches it.',
  PublicKey: 'It cannot be verified.',
  Signature: 'Its signature is wrong.',
};

/** Answers the counter that the security key has now, and whether it verified its person. Throws `HsmRefused`; a counter that did not grow is `details.finding` `cloned`. */
export function verifyTouch(touch: Omit<AssertionToVerify, 'rpId' | 'requireUserVerification'>): {
  signCount: number;
  userVerified: boolean;
} {
  const verdict = verifyAssertion({ ...touch, rpId: KEYHOLD_RP_ID, requireUserVerification: false });
  if (verdict.verified) return { signCount: verdict.signCount, userVerified: verdict.userVerified };
  if (verdict.flaw === 'Cloned') {
    throw new KeyholdError(
      'HsmRefused',
      'The counter of this security key went back, so there may be a copy of it. Remove it and enrol another one.',
      { finding: 'cloned' },
    );
  }
  throw new KeyholdError('HsmRefused', `The security key did not allow this. ${WHY[verdict.flaw]} Try again.`);
}
