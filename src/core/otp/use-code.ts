import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Core } from '../core.ts';
import type { Actor } from '../draft.ts';
import type { OtpCode } from '../hsm/protocol.ts';

type Taken = { wait: number } | { id: string; version: number; mfaSerial: string | undefined };
/** As much of a call as a code needs: who takes it, and out of which vault. */
interface Taker {
  core: Pick<Core, 'session' | 'ports'>;
  actor: Actor;
}
export type UsedCode = { code: OtpCode; mfaSerial: string | undefined } | { wait: number };

/** More than this many periods ahead, a step was not used just now: the clock has been set back. */
const LONGEST_WAIT_PERIODS = 3;

/**
 * Takes one code of a device. That it is used is committed before the code leaves the HSM, so whatever ends or fails in between, nobody gets the same one again; the
 * code itself may be lost then. `wait` (ms) while the present time step has been used.
 * @throws InUse for a device whose enrolment is not complete, unless `enrolling`
 */
export async function useCode(call: Taker, name: string, why: string, enrolling = false): Promise<UsedCode> {
  const { core, actor } = call;
  const session = core.session();
  const taken = await session.write(actor, async (draft): Promise<() => Taken> => {
    const { id, value } = session.things.byName('otpDevice', name);
    if (value.enrolling !== undefined && !enrolling) {
      throw new KeyholdError(
        'InUse',
        `${value.name} is not in use yet: its account waits for two codes. Finish its enrolment with “keyhold totp enroll-aws --resume ${quotedName(value.name)}”.`,
      );
    }
    const answer = await session.hsm.call('otpClaim', { key: session.objectRef(value.seed.id) });
    if ('wait' in answer) {
      const { wait } = answer;
      assertClock(wait, value.period ?? 0, value.name);
      return () => ({ wait });
    }
    const { version, blob } = answer.claimed;
    draft.putObject(value.seed.id, version, blob);
    draft.put('otpDevice', id, { ...value, lastUsedAt: core.ports.clock.now() });
    draft.record('totp.use', value.name, { reason: why });
    return () => ({ id: value.seed.id, version, mfaSerial: value.mfaSerial });
  });
  if ('wait' in taken) return taken;
  const { id, version, mfaSerial } = taken;
  return { code: await session.hsm.call('otpCode', { id, version }), mfaSerial };
}

function assertClock(wait: number, period: number, name: string): void {
  if (wait <= LONGEST_WAIT_PERIODS * period * 1000) return;
  throw new KeyholdError(
    'HsmRefused',
    `Codes of ${name} were used by a clock that was ahead of this one. Set this computer’s clock, or enrol the device anew.`,
  );
}
