import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { useCode as oneCode } from '../otp/use-code.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { MfaProof } from './aws-sts.ts';

/** Others want codes of the same device: each waits for a step of its own. */
const MOST_WAITS = 4;

/** One code of the device that AWS wants for a profile, of the next time step where somebody has used this one. Throws `NotFound` where no entry has the serial number. */
export async function takeCode(
  { ports, session }: { ports: Ports; session: Session },
  { value: profile }: Found<'profile'>,
  serialNumber: string,
): Promise<MfaProof> {
  const things = await session.need('otpDevice');
  const device = things.all('otpDevice').find(({ value }) => value.mfaSerial === serialNumber);
  if (device === undefined) {
    throw new KeyholdError(
      'NotFound',
      `The profile ${profile.name} needs codes of the MFA device ${serialNumber}, and no authenticator entry has this serial number. Add it with “keyhold totp add NAME --mfa-serial ${quotedName(serialNumber)}”, or give it to one with “keyhold totp edit”.`,
    );
  }
  const call = { core: { session: () => session, ports }, actor: 'daemon' as const };
  for (let waits = 0; ; waits++) {
    const used = await oneCode(call, device.value.name, `for a session of ${profile.name}`);
    if ('code' in used) return { serialNumber, code: used.code.code };
    if (waits === MOST_WAITS) {
      throw new KeyholdError('Timeout', `Codes of ${device.value.name} are used up as fast as they come. Try again.`);
    }
    await new Promise<void>((resolve) => {
      ports.clock.setTimer(Math.max(1, used.wait), resolve);
    });
  }
}
