import { wipe } from '../crypto/wipe.ts';
import { useCode as takeCode } from '../otp/use-code.ts';
import type { IamSigner } from './aws-iam.ts';
import { isFault } from './faults.ts';
import { Halt } from './halt.ts';
import { importSession, type OpenedSession } from './import-session.ts';
import { deviceOf } from './mfa-device.ts';
import { patiently } from './patience.ts';
import { withEvidence } from './record.ts';
import { journal, now, presentSigner, type Run, recordOf, rest, signerWith } from './run.ts';

const SESSION_SECONDS = 3600;
/** A session that ends within this time is not begun with. */
const SPARE_MS = 60_000;
/** Codes for one sign-in: the reply to the first may get lost. */
const MOST_CODES = 2;

/**
 * A call of IAM as the user whose key it is: with the key that the vault uses now, and where that is refused, with a session for which the vault's own MFA device has given a
 * code. Signers are made anew for each try.
 */
export async function asUser<T>(
  run: Run,
  work: (signer: IamSigner) => Promise<T>,
  { mayBeSignedIn = true } = {},
): Promise<T> {
  const held = heldSession(run);
  if (held !== undefined) {
    try {
      return await work(held);
    } catch (error) {
      if (!isFault(error, 'expired', 'badKey')) throw error;
      await forgetSession(run);
    }
  }
  try {
    return await work(presentSigner(run));
  } catch (error) {
    if (!isFault(error, 'denied') || !mayBeSignedIn) throw error;
    const session = await signIn(run);
    if (session === undefined) throw error;
    return work(session);
  }
}

function heldSession(run: Run): IamSigner | undefined {
  const record = recordOf(run);
  const { mfa } = record;
  return mfa === undefined || mfa.expiresAt - SPARE_MS <= now(run) ? undefined : signerWith(run, record, mfa);
}

async function forgetSession(run: Run): Promise<void> {
  await journal(run, ({ mfa, ...record }, draft) => {
    for (const object of mfa === undefined ? [] : [mfa.secret, mfa.token]) draft.removeObject(object.id);
    return record;
  });
}

/** Undefined where no device of this vault fits. */
async function signIn(run: Run): Promise<IamSigner | undefined> {
  const { session } = run;
  const device = deviceOf(session, recordOf(run));
  const serialNumber = device?.value.mfaSerial;
  if (device === undefined || serialNumber === undefined) return undefined;
  for (let codes = 1; ; codes++) {
    const code = await nextCode(run, device.value.name);
    try {
      const asked = { serialNumber, code, durationSeconds: SESSION_SECONDS };
      await keep(run, await run.iam.sessionWithMfa(presentSigner(run), asked), serialNumber);
      return heldSession(run);
    } catch (error) {
      // The code is used up, whatever became of the call: another one is taken.
      if (isFault(error, 'network', 'server', 'slow') && codes < MOST_CODES) continue;
      if (!isFault(error, 'mfa', 'denied')) throw error;
      const hint = run.call.core.drift.read()?.warning ?? `Check that ${device.value.name} is the device of this user.`;
      throw new Halt('mfa', `AWS did not take a code of ${device.value.name}. ${hint} Then resume the rotation.`, {
        cause: error,
      });
    }
  }
}

async function nextCode(run: Run, name: string): Promise<string> {
  const used = await takeCode(run.call, name, `to rotate ${recordOf(run).keyName}`);
  if (!('wait' in used)) return used.code.code;
  await rest(run, used.wait);
  return nextCode(run, name);
}

async function keep(run: Run, opened: OpenedSession, serialNumber: string): Promise<void> {
  const { session } = run;
  try {
    await journal(run, async ({ mfa: before, ...record }, draft) => {
      const { secret: signed } = (record.switchedAt === undefined ? undefined : record.fresh) ?? record.old;
      const objects = await importSession(session, draft, opened, { like: signed.id, at: now(run) });
      for (const object of before === undefined ? [] : [before.secret, before.token]) draft.removeObject(object.id);
      const next = withEvidence(record, now(run), `Signed in with MFA (${serialNumber}).`);
      const { accessKeyId, expiresAt } = opened;
      return { ...next, mfaSerial: serialNumber, mfa: { accessKeyId, expiresAt, ...objects } };
    });
  } finally {
    wipe(opened.secret, opened.token);
  }
}

/** A call that AWS may refuse without that being in the way: `null` then. */
export async function ifAllowed<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isFault(error, 'denied') || (error instanceof Halt && error.why === 'mfa')) return null;
    throw error;
  }
}

/** The same call, as often as it takes within bounds. */
export function askAsUser<T>(run: Run, work: (signer: IamSigner) => Promise<T>): Promise<T> {
  return asUser(run, (signer) => patiently(run.call.core.ports.clock, () => work(signer)));
}
