import type { IamMfaDevice } from '../../../core/directory/records.ts';
import type { Draft } from '../../../core/draft.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { iamError } from './iam-error.ts';

/**
 * Time steps of 30 s around now in which two codes may lie: ten minutes either way. AWS says only that it enables a device whose codes are old by then, and that such
 * a device can be out of step.
 */
const WINDOW = 20;

/** What a request brings to show that its caller has the device. */
interface TwoCodes {
  readonly AuthenticationCode1: string;
  readonly AuthenticationCode2: string;
}

/**
 * Has the HSM verify two codes that follow on one another, and drafts that they are used: each is good once. Throws InvalidAuthenticationCode.
 */
export async function verifyCodes(
  ctx: OperationContext,
  draft: Draft,
  { seed }: IamMfaDevice,
  { AuthenticationCode1, AuthenticationCode2 }: TwoCodes,
): Promise<void> {
  const codes = [AuthenticationCode1, AuthenticationCode2];
  const key = ctx.session.objectRef(seed.id);
  const { verified } = await ctx.session.hsm.call('otpVerify', { key, codes, window: WINDOW });
  if (verified === null) throw iamError('InvalidAuthenticationCode', 'Authentication code for device is not valid.');
  draft.putObject(seed.id, verified.version, verified.blob);
}
