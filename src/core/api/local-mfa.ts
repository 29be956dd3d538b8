import { z } from 'zod';
import { fromBase32 } from '../../contract/base32.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { AwsMfa, RemotePlace } from '../core.ts';
import { fromBase64 } from '../crypto/bytes.ts';
import { wipe } from '../crypto/wipe.ts';
import { callLocal } from './call-local.ts';
import type { CallContext } from './handler.ts';

const Created = z.object({
  VirtualMFADevice: z.object({ SerialNumber: z.string(), Base32StringSeed: z.string() }),
});
const Listed = z.object({ MFADevices: z.array(z.object({ SerialNumber: z.string() })) });

/** Virtual MFA devices where a profile's account is: at AWS, or here in the vault. */
export function mfaAt(call: Pick<CallContext, 'core' | 'actor'>, { session, profile }: RemotePlace): AwsMfa {
  const { kind } = session.things.must('account', profile.value.account);
  return kind === 'remote' ? call.core.shell.awsMfa : localMfa(call);
}

/** The few operations of IAM that a virtual MFA device is enrolled with, as the root of a local account. */
function localMfa(call: Pick<CallContext, 'core' | 'actor'>): AwsMfa {
  const iam = ({ session, profile }: RemotePlace, operation: string, input: Readonly<Record<string, string>>) => {
    const id = profile.value.account;
    const account = { id, value: session.things.must('account', id) };
    return callLocal(call, account, { region: profile.value.region, service: 'iam', operation, input });
  };
  return {
    async userName({ session, profile }) {
      const { name } = session.things.must('account', profile.value.account);
      throw new KeyholdError('InvalidInput', `Name the user of the account ${name} that the device is for.`);
    },

    async create(place, deviceName) {
      const answer = await iam(place, 'CreateVirtualMFADevice', { VirtualMFADeviceName: deviceName });
      const { SerialNumber, Base32StringSeed } = Created.parse(answer).VirtualMFADevice;
      const ascii = fromBase64(Base32StringSeed);
      const seed = ascii === null ? null : fromBase32(ascii);
      if (ascii !== null) wipe(ascii);
      if (seed === null) throw new KeyholdError('Internal', 'The IAM of this vault made a seed that is no base32.');
      return { serialNumber: SerialNumber, seed };
    },

    async enable(place, { userName, serialNumber, codes: [first, second] }) {
      await iam(place, 'EnableMFADevice', {
        UserName: userName,
        SerialNumber: serialNumber,
        AuthenticationCode1: first,
        AuthenticationCode2: second,
      });
    },

    async isEnabled(place, { userName, serialNumber }) {
      const { MFADevices } = Listed.parse(await iam(place, 'ListMFADevices', { UserName: userName }));
      return MFADevices.some(({ SerialNumber }) => SerialNumber === serialNumber);
    },

    async remove(place, serialNumber) {
      try {
        await iam(place, 'DeleteVirtualMFADevice', { SerialNumber: serialNumber });
      } catch (error) {
        // Somebody else has removed it: that is what was wanted.
        if (error instanceof KeyholdError && error.details?.['name'] === 'NoSuchEntity') return;
        throw error;
      }
    },
  };
}
