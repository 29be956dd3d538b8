import { KeyholdError } from '../../contract/errors.ts';
import type { AwsMfa, RemotePlace } from '../core.ts';
import { hexId } from '../draft.ts';
import type { OtpCode } from '../hsm/protocol.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import { AWS_TOTP } from '../otp/iam-mfa.ts';
import { useCode } from '../otp/use-code.ts';
import { viewDevice } from '../otp/view-device.ts';
import type { Session } from '../session.ts';
import type { Found, Thing } from '../things.ts';
import { instant } from '../views.ts';
import type { CallContext, Handlers } from './handler.ts';
import { makerAt, mfaAt, requireLocalUser } from './local-mfa.ts';

/** IAM's rule for the name of a virtual MFA device. */
const DEVICE_NAME = /^[\w+=,.@-]{1,64}$/;

type Enrolling = Found<'otpDevice'> & { serial: string; at: NonNullable<Thing<'otpDevice'>['enrolling']> };

/** The first of two codes, until the second one's time comes; gone with the session. */
const firstCodes = new WeakMap<Session, Map<string, OtpCode>>();

export const totpEnrolHandlers: Handlers<'totp.enrollBegin' | 'totp.enrollStep' | 'totp.enrollCancel'> = {
  'totp.enrollBegin': async (call, { name, profile: profileName, userName: wantedUser }) => {
    const { core, actor } = call;
    const session = core.session();
    const things = await session.need('otpDevice', 'profile', 'account', 'accessKey');
    const profile = things.byName('profile', profileName);
    const place = { session, profile };
    const mfa = mfaAt(call, place);
    const account = things.must('account', profile.value.account);
    const userName = wantedUser ?? (await mfa.userName(place));
    const deviceName = name ?? userName;
    if (!DEVICE_NAME.test(deviceName)) {
      throw new KeyholdError('InvalidInput', 'name: a device’s name in IAM has 1 to 64 letters, digits and +=,.@-.');
    }
    things.assertFree('otpDevice', deviceName);
    await requireLocalUser(call, place, userName);
    const { serialNumber, seed } = await create(mfa, place, deviceName);
    try {
      return await session.write(actor, async (draft) => {
        things.assertFree('otpDevice', deviceName);
        const createdAt = core.ports.clock.now();
        const imported = await session.hsm.call('importOtpSeed', {
          id: hexId(core.ports),
          sealed: await sealForHsm(session.hsm, 'otp-seed', seed),
          label: deviceName,
          createdAt,
          otp: AWS_TOTP,
        });
        const id = hexId(core.ports);
        const value: Thing<'otpDevice'> = {
          name: deviceName,
          issuer: account.kind === 'remote' ? 'Amazon Web Services' : 'Keyhold',
          label: `${userName}@${account.accountId}`,
          type: 'totp',
          algorithm: AWS_TOTP.algorithm,
          digits: AWS_TOTP.digits,
          period: AWS_TOTP.period,
          favourite: false,
          mfaSerial: serialNumber,
          seed: { id: imported.attributes.id },
          enrolling: { profile: profile.id, profileName: profile.value.name, userName },
          createdAt,
        };
        draft.putObject(imported.attributes.id, 1, imported.blob);
        draft.put('otpDevice', id, value);
        draft.record('totp.enroll', deviceName, { profile: profile.value.name, reason: 'begun' });
        return () => viewDevice({ id, value });
      });
    } catch (error) {
      // Its seed is lost: a device that nobody has the codes of must not stay at AWS.
      await mfa.remove(place, serialNumber).catch((failure: unknown) => {
        core.ports.log.warn('a virtual MFA device without a seed stayed at AWS', { serialNumber, error: failure });
      });
      throw error;
    } finally {
      seed.fill(0);
    }
  },

  'totp.enrollStep': async (call, { name }) => {
    const { core } = call;
    const session = core.session();
    const { now } = core.ports.clock;
    const device = await enrollingDevice(session, name);
    const held = heldCodes(session);
    const used = await useCode(call, name, 'for its enrolment', true);
    if ('wait' in used) {
      const have = held.has(device.id) ? 1 : 0;
      return { outcome: 'wait', waitMs: used.wait, until: instant(now() + used.wait), have };
    }
    const first = held.get(device.id);
    const { code } = used;
    if (first === undefined || first.step + 1 !== code.step) {
      held.set(device.id, code);
      const waitMs = Math.max(1, code.validUntil - now());
      return { outcome: 'wait', waitMs, until: instant(code.validUntil), have: 1 };
    }
    held.delete(device.id);
    await enable(call, device, [first.code, code.code]);
    return { outcome: 'done', device: await complete(call, device) };
  },

  'totp.enrollCancel': async (call, { name }) => {
    const { core, actor } = call;
    const session = core.session();
    const device = await enrollingDevice(session, name);
    const place = placeOf(session, device);
    await mfaAt(call, place).remove(place, device.serial);
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('otpDevice', name);
      draft.remove('otpDevice', id);
      draft.removeObject(value.seed.id);
      draft.record('totp.enroll', value.name, { reason: 'taken back' });
      return () => ({});
    });
  },
};

async function create(mfa: AwsMfa, place: RemotePlace, deviceName: string) {
  try {
    return await mfa.create(place, deviceName);
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.details?.['name'] !== 'EntityAlreadyExists') throw error;
    throw new KeyholdError(
      'AlreadyExists',
      `${makerAt(place)} has a virtual MFA device called ${deviceName} already. Choose another name, or delete that one there if nobody uses it.`,
      undefined,
      { cause: error },
    );
  }
}

async function enrollingDevice(session: Session, name: string): Promise<Enrolling> {
  const things = await session.need('otpDevice', 'profile', 'account', 'accessKey');
  const device = things.byName('otpDevice', name);
  const { enrolling: at, mfaSerial: serial } = device.value;
  if (at !== undefined && serial !== undefined) return { ...device, at, serial };
  throw new KeyholdError(
    'InvalidInput',
    `${device.value.name} is in use already; there is no enrolment to go on with.`,
  );
}

function placeOf(session: Session, { at, value }: Enrolling): RemotePlace {
  const profile = session.things.get('profile', at.profile);
  if (profile !== undefined) return { session, profile: { id: at.profile, value: profile } };
  throw new KeyholdError(
    'NotFound',
    `The profile ${at.profileName}, with which the enrolment of ${value.name} was begun, is gone. Delete the device ${value.mfaSerial ?? value.name} in its account.`,
  );
}

function heldCodes(session: Session): Map<string, OtpCode> {
  const held = firstCodes.get(session) ?? new Map<string, OtpCode>();
  firstCodes.set(session, held);
  return held;
}

async function enable(call: CallContext, device: Enrolling, codes: [string, string]): Promise<void> {
  const { core } = call;
  const place = placeOf(core.session(), device);
  const mfa = mfaAt(call, place);
  const who = { userName: device.at.userName, serialNumber: device.serial };
  try {
    await mfa.enable(place, { ...who, codes });
  } catch (error) {
    const name = error instanceof KeyholdError ? error.details?.['name'] : undefined;
    // The answer to an earlier attempt may have been lost.
    if (name === 'EntityAlreadyExists' && (await mfa.isEnabled(place, who))) return;
    if (name !== 'InvalidAuthenticationCode') throw error;
    const hint = core.drift.read()?.warning ?? 'Check this computer’s clock, and try again.';
    throw new KeyholdError(
      'ServiceRefused',
      `${makerAt(place)} did not take the two codes. ${hint}`,
      { name },
      { cause: error },
    );
  }
}

async function complete({ core, actor }: CallContext, { id, serial, at }: Enrolling) {
  const session = core.session();
  return session.write(actor, (draft) => {
    const { enrolling: _done, ...value } = session.things.must('otpDevice', id);
    draft.put('otpDevice', id, value);
    draft.record('totp.enroll', value.name, { profile: at.profileName, reason: `complete: ${serial}` });
    return () => viewDevice({ id, value });
  });
}
