import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { hexId } from '../draft.ts';
import { gateKeys } from '../gates/enrolled-keys.ts';
import type { OtpParameters } from '../hsm/protocol.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { useCode } from '../otp/use-code.ts';
import { viewCodes, viewDevice } from '../otp/view-device.ts';
import type { Session } from '../session.ts';
import type { Found, Thing } from '../things.ts';
import { instant } from '../views.ts';
import { throttled, withWayIn } from './authorize.ts';
import type { Handlers } from './handler.ts';
import { replyKeyBytes } from './make-client-key.ts';

const DEFAULT_PERIOD = 30;
/** Asked of the HSM at once: enough that nothing waits for an answer, and others get their turn. */
const BATCH = 64;

export const totpHandlers: Handlers<
  'totp.list' | 'totp.add' | 'totp.matches' | 'totp.update' | 'totp.remove' | 'totp.codes' | 'totp.use' | 'totp.export'
> = {
  'totp.list': async ({ core }) => {
    const things = await core.session().need('otpDevice');
    return { devices: things.all('otpDevice').map(viewDevice) };
  },

  'totp.add': ({ core, actor }, input) => {
    const session = core.session();
    return session.write(actor, async (draft) => {
      session.things.assertFree('otpDevice', input.name);
      const otp = parametersOf(input);
      const twin = await holderOf(session, input.seed);
      if (twin !== null) {
        const message = `This secret is in the vault already, as ${twin.value.name}.`;
        throw new KeyholdError('AlreadyExists', message, { kind: 'otpDevice', name: twin.value.name });
      }
      const createdAt = core.ports.clock.now();
      const seed = await session.hsm.call('importOtpSeed', {
        id: hexId(core.ports),
        sealed: input.seed,
        label: input.name,
        createdAt,
        otp,
      });
      const id = hexId(core.ports);
      const value: Thing<'otpDevice'> = omitUndefined({
        name: input.name,
        issuer: input.issuer,
        label: input.label,
        type: otp.type,
        algorithm: otp.algorithm,
        digits: otp.digits,
        period: otp.type === 'totp' ? otp.period : undefined,
        favourite: input.favourite,
        mfaSerial: input.mfaSerial,
        seed: { id: seed.attributes.id },
        createdAt,
      });
      draft.putObject(seed.attributes.id, 1, seed.blob);
      draft.put('otpDevice', id, value);
      draft.record('totp.add', input.name, input.issuer === '' ? {} : { reason: input.issuer });
      return () => viewDevice({ id, value });
    });
  },

  'totp.matches': async ({ core }, { seed }) => {
    const session = core.session();
    await session.need('otpDevice');
    return { name: (await holderOf(session, seed))?.value.name ?? null };
  },

  'totp.update': ({ core, actor }, { name, rename, issuer, label, favourite, mfaSerial }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('otpDevice', name);
      if (rename !== undefined) session.things.assertFree('otpDevice', rename, id);
      const { mfaSerial: before, ...rest } = value;
      const serial = mfaSerial === undefined ? before : (mfaSerial ?? undefined);
      const next: Thing<'otpDevice'> = {
        ...rest,
        name: rename ?? value.name,
        issuer: issuer ?? value.issuer,
        label: label ?? value.label,
        favourite: favourite ?? value.favourite,
        ...(serial === undefined ? {} : { mfaSerial: serial }),
      };
      draft.put('otpDevice', id, next);
      draft.record('totp.update', next.name, next.name === value.name ? {} : { reason: `was ${value.name}` });
      return () => viewDevice({ id, value: next });
    });
  },

  'totp.remove': ({ core, actor }, { name, abandon }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('otpDevice', name);
      if (value.enrolling !== undefined && abandon !== true) {
        throw new KeyholdError(
          'InUse',
          `The enrolment of ${value.name} is not complete. Finish it, take it back so that its account forgets the device too, or abandon it (--abandon).`,
        );
      }
      draft.remove('otpDevice', id);
      draft.removeObject(value.seed.id);
      draft.record('totp.remove', value.name, value.enrolling === undefined ? {} : { reason: 'abandoned' });
      return () => ({});
    });
  },

  'totp.codes': async ({ core }, { names }) => {
    const session = core.session();
    const things = await session.need('otpDevice');
    const wanted =
      names === undefined ? things.all('otpDevice') : names.map((name) => things.byName('otpDevice', name));
    const codes = [];
    for (let from = 0; from < wanted.length; from += BATCH) {
      const shown = wanted.slice(from, from + BATCH).map(async ({ value }) => {
        const answer = await session.hsm.call('otpShow', { key: session.objectRef(value.seed.id) });
        return viewCodes(value.name, value.type, answer);
      });
      codes.push(...(await Promise.all(shown)));
    }
    return { codes, now: instant(core.ports.clock.now()), drift: core.drift.read() };
  },

  'totp.use': async (call, { name }) => {
    const { core, actor } = call;
    const used = await useCode(call, name, `for ${actor}`);
    if ('wait' in used) {
      return { outcome: 'wait', waitMs: used.wait, until: instant(core.ports.clock.now() + used.wait) };
    }
    const { code, validUntil } = used.code;
    return {
      outcome: 'code',
      code,
      ...(validUntil === 0 ? {} : { validUntil: instant(validUntil) }),
      ...(used.mfaSerial === undefined ? {} : { mfaSerial: used.mfaSerial }),
      drift: core.drift.read(),
    };
  },

  'totp.export': async (call, { name, authorize, replyKey }) => {
    const { core, actor } = call;
    const reply = replyKeyBytes(replyKey);
    const session = core.session();
    const things = await session.need('otpDevice');
    const device = things.byName('otpDevice', name);
    await session.need('securityKey');
    const slots = () => session.vault.slots();
    const exported = await withWayIn(call, authorize, slots, 'authorize', (secret) =>
      throttled(call, 'totp.export', () =>
        session.hsm.call('otpExport', {
          key: session.objectRef(device.value.seed.id),
          secret,
          slots: slots(),
          enrolled: session.vault.objectRecords(gateKeys(things).map(({ object }) => object)),
          replyKey: reply,
        }),
      ),
    );
    // Written before the seed leaves.
    await session.note(actor, 'totp.export', device.value.name);
    const { otp } = exported.attributes;
    return {
      device: viewDevice(device),
      ...(otp?.type === 'hotp' ? { counter: otp.next } : {}),
      seed: exported.seed,
    };
  },
};

function parametersOf(input: {
  type: 'totp' | 'hotp';
  algorithm: OtpParameters['algorithm'];
  digits: number;
  period?: number | undefined;
  counter?: number | undefined;
}): OtpParameters {
  const { type, algorithm, digits, period, counter } = input;
  if (type === 'hotp') {
    if (period === undefined) return { type, algorithm, digits, period: 0, next: counter ?? 0 };
    throw new KeyholdError('InvalidInput', 'period: codes by counter have none; leave it out.');
  }
  if (counter === undefined) return { type, algorithm, digits, period: period ?? DEFAULT_PERIOD, next: 0 };
  throw new KeyholdError('InvalidInput', 'counter: codes by time have none; leave it out, or choose HOTP.');
}

/** The device with this seed. Whoever knows a seed learns nothing by it; whoever does not cannot guess one. */
async function holderOf(session: Session, seed: Sealed): Promise<Found<'otpDevice'> | null> {
  for (const device of session.things.all('otpDevice')) {
    const key = session.objectRef(device.value.seed.id);
    const { same } = await session.hsm.call('compareOtpSeed', { key, sealed: seed });
    if (same) return device;
  }
  return null;
}
