import { KeyholdError } from '../../contract/errors.ts';
import type { AwsMfa, RemotePlace } from '../core.ts';

/** The codes of AWS's virtual MFA devices. */
export const AWS_TOTP = { type: 'totp', algorithm: 'SHA1', digits: 6, period: 30, next: 0 } as const;

/** One operation of IAM, at AWS or in this vault. Throws `ServiceRefused` with `details.name`, the error's name. */
export type CallIam = (
  place: RemotePlace,
  operation: string,
  input: Readonly<Record<string, string>>,
) => Promise<unknown>;

/** What is asked in the same words of either, and whose answers nobody reads. */
export function switchMfa(call: CallIam): Pick<AwsMfa, 'enable' | 'remove'> {
  return {
    async enable(place, { userName, serialNumber, codes: [first, second] }) {
      await call(place, 'EnableMFADevice', {
        UserName: userName,
        SerialNumber: serialNumber,
        AuthenticationCode1: first,
        AuthenticationCode2: second,
      });
    },

    async remove(place, serialNumber) {
      try {
        await call(place, 'DeleteVirtualMFADevice', { SerialNumber: serialNumber });
      } catch (error) {
        // Somebody else has removed it: that is what was wanted.
        if (error instanceof KeyholdError && error.details?.['name'] === 'NoSuchEntity') return;
        throw error;
      }
    },
  };
}
