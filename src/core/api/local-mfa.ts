import { z } from 'zod';
import { fromBase32 } from '../../contract/base32.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { AwsMfa, RemotePlace } from '../core.ts';
import { fromBase64 } from '../crypto/bytes.ts';
import { wipe } from '../crypto/wipe.ts';
import { type CallIam, switchMfa } from '../otp/iam-mfa.ts';
import type { Found } from '../things.ts';
import { callLocal } from './call-local.ts';
import type { CallContext } from './handler.ts';

const Created = z.object({
  VirtualMFADevice: z.object({ SerialNumber: z.string(), Base32StringSeed: z.string() }),
});
const Listed = z.object({ MFADevices: z.array(z.object({ SerialNumber: z.string() })) });

type Caller = Pick<CallContext, 'core' | 'actor'>;

function accountOf({ session, profile }: RemotePlace): Found<'account'> {
  const id = profile.value.account;
  return { id, value: session.things.must('account', id) };
}

function callIam(
  call: Caller,
  place: RemotePlace,
  operation: string,
  input: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const { region } = place.profile.value;
  return callLocal(call, accountOf(place), { region, service: 'iam', operation, input });
}

/** Who makes and checks a profile's devices, to begin a sentence with. */
export function makerAt(place: RemotePlace): string {
  const { kind, name } = accountOf(place).value;
  return kind === 'remote' ? 'AWS' : `The account ${name}`;
}

/** Virtual MFA devices where a profile's account is: at AWS, or here in the vault. */
export function mfaAt(call: Caller, place: RemotePlace): AwsMfa {
  return accountOf(place).value.kind === 'remote' ? call.core.shell.awsMfa : localMfa(call);
}

/** Asks for a user of a local account before anything is made for it. What AWS has for a user is found out when it is enabled. `ServiceRefused` where there is none. */
export async function requireLocalUser(call: Caller, place: RemotePlace, userName: string): Promise<void> {
  if (accountOf(place).value.kind === 'local') await callIam(call, place, 'GetUser', { UserName: userName });
}

/** The few operations of IAM that a virtual MFA device is enrolled with, as the root of a local account. */
function localMfa(call: Caller): AwsMfa {
  const iam: CallIam = (place, operation, input) => callIam(call, place, operation, input);
  return {
    ...switchMfa(iam),

    async userName(place) {
      const { name } = accountOf(place).value;
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

    async isEnabled(place, { userName, serialNumber }) {
      const { MFADevices } = Listed.parse(await iam(place, 'ListMFADevices', { UserName: userName }));
      return MFADevices.some(({ SerialNumber }) => SerialNumber === serialNumber);
    },
  };
}
