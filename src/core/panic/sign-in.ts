import { KeyholdError } from '../../contract/errors.ts';
import { wipe } from '../crypto/wipe.ts';
import { useCode as takeCode } from '../otp/use-code.ts';
import { faultOf } from '../rotation/faults.ts';
import { importSession } from '../rotation/import-session.ts';
import { regionOf } from '../rotation/region-of.ts';
import { Over } from './attempt.ts';
import { type Hand, makeHand } from './hands.ts';
import { now, type PanicRun, recordOf } from './run.ts';

const SESSION_SECONDS = 900;

/**
 * A session of the hand's user with a code of the vault's MFA device, for where IAM wants one. Kept in the record until the panic has ended. Undefined where no device of this vault
 * fits, or AWS does not take it.
 */
export async function signIn(run: PanicRun, hand: Hand): Promise<Hand | undefined> {
  const { session, call } = run;
  const aim = recordOf(run).keys.find(({ key }) => key === hand.key);
  if (aim?.user === undefined || hand.key === undefined) return undefined;
  const { key } = hand;
  const { things } = session;
  const told = things.all('profile').find(({ value }) => value.key === key && value.mfaSerial !== undefined);
  // Nobody else's: its code would be missing where it is wanted, and there is no time for a second one.
  const device = things
    .all('otpDevice')
    .filter(({ value }) => value.enrolling === undefined && value.mfaSerial !== undefined)
    .find(({ value }) => value.mfaSerial === (told?.value.mfaSerial ?? serialOf(aim.user?.arn ?? '')));
  const serialNumber = device?.value.mfaSerial;
  const secret = session.things.get('accessKey', key)?.secret;
  if (device === undefined || serialNumber === undefined || secret === undefined) return undefined;
  const code = await nextCode(run, device.value.name);
  try {
    const asked = { serialNumber, code, durationSeconds: SESSION_SECONDS };
    const opened = await call.core.shell.awsIam.sessionWithMfa(hand.signer(), asked);
    try {
      const objects = await session.write(call.actor, async (draft) => {
        if (run.superseded) throw new Over();
        const kept = await importSession(session, draft, opened, { like: secret.id, at: now(run) });
        const { accessKeyId, expiresAt } = opened;
        const record = recordOf(run);
        const more = {
          profileName: aim.name,
          account: hand.account,
          key,
          accessKeyId,
          expiresAt,
          ...kept,
        };
        draft.put('panic', run.id, { ...record, sessions: [...record.sessions, more] });
        return () => kept;
      });
      const credentials = { accessKeyId: opened.accessKeyId, ...objects };
      return { ...makeHand(session, hand.account, regionOf(session, key), credentials), user: aim.user.arn };
    } finally {
      wipe(opened.secret, opened.token);
    }
  } catch (error) {
    if (run.over || session.closed) throw new Over();
    // The step says what it lacks; what became of the code does not matter any more.
    if (error instanceof KeyholdError && faultOf(error) !== null) return undefined;
    throw error;
  }
}

/** A device that is named after its user, as the console suggests: `arn:aws:iam::123456789012:mfa/alice`. */
function serialOf(userArn: string): string {
  return userArn.replace(/:user\/(?:.*\/)?([^/]+)$/, ':mfa/$1');
}

async function nextCode(run: PanicRun, name: string): Promise<string> {
  const used = await takeCode(run.call, name, 'for a panic');
  if (!('wait' in used)) return used.code.code;
  await new Promise<void>((resolve) => run.call.core.ports.clock.setTimer(used.wait, resolve));
  if (run.over || run.session.closed) throw new Over();
  return nextCode(run, name);
}
