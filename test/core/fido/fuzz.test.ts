import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { concat, toHex, u32 } from '../../../src/core/crypto/bytes.ts';
import { readAttestation } from '../../../src/core/fido/attestation.ts';
import { readAuthData } from '../../../src/core/fido/auth-data.ts';
import { type CborValue, cborMap, decodeCbor, encodeCbor } from '../../../src/core/fido/cbor.ts';
import { readCoseKey } from '../../../src/core/fido/cose-key.ts';
import { openCtapHid } from '../../../src/core/fido/ctaphid.ts';
import {
  HID_COMMAND,
  MOST_MESSAGE_BYTES,
  REPORT_BYTES,
  readReport,
  toReports,
} from '../../../src/core/fido/ctaphid-packets.ts';
import { getAssertion } from '../../../src/core/fido/get-assertion.ts';
import { readRegistration } from '../../../src/core/fido/u2f.ts';
import { verifyAssertion } from '../../../src/core/fido/verify-assertion.ts';
import { verifyRegistration } from '../../../src/core/fido/verify-registration.ts';
import { hmacChallenge } from '../../../src/core/yubikey/challenge-response.ts';
import { openOtpInterface } from '../../../src/core/yubikey/otp-interface.ts';
import { createFakeHid } from '../../device/fake-hid.ts';
import { createYubiKey } from '../../device/yubikey.ts';
import { drive } from '../../support/drive.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { agreeWith, hmacSecretOf } from '../../support/platform-pin-uv.ts';
import { mutate, type Seeded, seeded } from '../../support/seeded.ts';
import { FLAG, softCredential } from '../../support/soft-credential.ts';
import { clientDataHash, enrol, flowLab, rpId } from './flow-lab.ts';
import { scriptedHid } from './scripted-hid.ts';
import {
  GET_INFO,
  GET_INFO_EXTRA,
  PACKED_RESPONSE,
  U2F_APP_ID_HASH,
  U2F_CLIENT_DATA_HASH,
  U2F_REGISTRATION,
} from './vectors.ts';

/** A million inputs in the long form, a few thousand of the same otherwise. */
const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const share = (full: number, short: number): number => (FULL ? full : short);
const LONG = 3_600_000;
/** Longer than an exchange may take: 60 s at most, 1.5 s to call off, and the INIT before the next. */
const LIMIT_MS = 70_000;

/** What a person may be told: a KeyholdError that says whose fault it is. Anything else is ours. */
function expectSaid(error: unknown): void {
  if (!(error instanceof KeyholdError)) throw error;
  expect(['Internal', 'InvalidInput']).not.toContain(error.code);
}

describe('CBOR', () => {
  const seeds: readonly Uint8Array[] = [
    GET_INFO,
    GET_INFO_EXTRA,
    PACKED_RESPONSE,
    softCredential().publicKey,
    softCredential('EdDSA').publicKey,
    encodeCbor(cborMap(['hmac-secret', new Uint8Array(80)], [1, [[[0, -1], 'text'], true]])),
    encodeCbor([0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32, -(2 ** 40), '', 'ü', null, false]),
  ];

  test('is refused, or is the only encoding of what it says', { timeout: LONG }, () => {
    const chance = seeded(1);
    let taken = 0;
    for (let left = share(400_000, 6_000); left > 0; left -= 1) {
      const bytes = chance.below(10) === 0 ? chance.bytes(chance.below(40)) : mutate(chance.pick(seeds), chance);
      const read = decodeCbor(bytes);
      readCoseKey(bytes);
      if (!read.ok) continue;
      taken += 1;
      if (toHex(encodeCbor(read.value)) !== toHex(bytes)) throw new Error(`two encodings: ${toHex(bytes)}`);
    }
    // Mutations that only change content show that this looks at something.
    expect(taken).toBeGreaterThan(0);
  });
});

describe('verification', () => {
  test('takes nothing that was not signed', { timeout: LONG }, () => {
    const chance = seeded(2);
    const credentials = [softCredential('ES256'), softCredential('EdDSA'), softCredential('RS256')].map((one) => {
      const extensions = cborMap(['hmac-secret', new Uint8Array(48)]);
      const options = { rpId, clientDataHash, signCount: 9, flags: FLAG.UP | FLAG.UV, extensions };
      return { publicKey: one.publicKey, assertion: one.assert(options), registration: one.register(options) };
    });
    const given = { rpId, clientDataHash, requireUserVerification: true };
    for (let left = share(75_000, 700); left > 0; left -= 1) {
      const { publicKey, assertion, registration } = chance.pick(credentials);
      const part = chance.pick(['authData', 'signature', 'publicKey'] as const);
      const whole = { ...assertion, publicKey };
      const mutated = mutate(whole[part], chance);
      if (toHex(mutated) !== toHex(whole[part])) {
        const verdict = verifyAssertion({ ...given, signCount: 8, ...whole, [part]: mutated });
        if (verdict.verified) throw new Error(`taken with another ${part}: ${toHex(mutated)}`);
      }
      const authData = mutate(registration.authData, chance);
      const verdict = verifyRegistration({ ...given, ...registration, authData });
      if (verdict.verified) expect(toHex(authData)).toBe(toHex(registration.authData));
    }
  });
});

describe('HID reports', () => {
  const CHANNEL = 0x01020304;

  /** Answers INIT as it should, and everything else with what was made of a good answer. */
  async function channelOver(reports: (request: Uint8Array) => Iterable<Uint8Array>) {
    const clock = createFakeClock();
    const hid = scriptedHid((report, one) => {
      const packet = readReport(report);
      if (packet?.kind === 'first' && packet.command === HID_COMMAND.INIT) {
        const greeting = concat(packet.data.slice(0, 8), u32(CHANNEL), Uint8Array.of(2, 0, 0, 0, 5));
        for (const answer of toReports(packet.channel, HID_COMMAND.INIT, greeting)) one.receive(answer);
      } else if (packet?.kind === 'first' && packet.command === HID_COMMAND.CBOR) {
        for (const answer of reports(report)) one.receive(answer);
      }
    });
    const channel = await openCtapHid(hid.connection, { clock, random: { bytes: (length) => new Uint8Array(length) } });
    return { clock, channel };
  }

  function* mutated(chance: Seeded, count: (reports: number) => void): Generator<Uint8Array> {
    const keepalive = toReports(CHANNEL, HID_COMMAND.KEEPALIVE, Uint8Array.of(chance.below(4)));
    const error = toReports(CHANNEL, HID_COMMAND.ERROR, Uint8Array.of(chance.below(256)));
    const answer = toReports(CHANNEL, HID_COMMAND.CBOR, chance.bytes(chance.below(600)));
    const reports = [...keepalive, ...answer, ...(chance.below(3) === 0 ? error : [])];
    for (const report of reports) {
      const times = chance.below(8) === 0 ? chance.below(3) : 1;
      for (let left = times; left > 0; left -= 1) {
        count(1);
        if (chance.below(3) > 0) yield report;
        else if (chance.below(2) > 0) yield mutate(report, chance);
        else yield Uint8Array.from({ length: REPORT_BYTES }, (_, at) => mutate(report, chance)[at] ?? 0);
      }
    }
  }

  test('end every exchange within its time, with an answer or a sentence', { timeout: LONG }, async () => {
    const chance = seeded(3);
    let reports = 0;
    const count = (more: number): void => {
      reports += more;
    };
    const { clock, channel } = await channelOver(() => mutated(chance, count));
    while (reports < share(250_000, 3_000)) {
      const message = chance.bytes(chance.below(200));
      try {
        const answer = await drive(clock, channel.cbor(message), LIMIT_MS, 500);
        expect(answer.length).toBeLessThanOrEqual(MOST_MESSAGE_BYTES);
      } catch (error) {
        expectSaid(error);
      }
    }
    expect(clock.pending()).toBe(0);
  });

  test('never make an assertion out of another', { timeout: LONG }, async () => {
    const chance = seeded(4);
    let reports = 0;
    let verified = 0;
    while (reports < share(120_000, 400)) {
      const lab = await flowLab();
      const { clock, channel, plug } = lab;
      const credential = await enrol(lab, { hmacSecret: true });
      const request = { rpId, clientDataHash, allow: [credential.credentialId] };
      const salts = [new Uint8Array(32).fill(1)];
      const attempt = async () => {
        const platform = await agreeWith(channel, 2);
        const assertion = await getAssertion(channel, { ...request, hmacSecret: hmacSecretOf(platform, salts) });
        const { publicKey, signCount } = credential;
        const given = { ...request, publicKey, signCount, requireUserVerification: false, ...assertion };
        if (!verifyAssertion(given).verified) return null;
        return platform
          .hmacSecretOutputs(assertion.hmacSecretEnc ?? new Uint8Array(), 1)
          .map(toHex)
          .join();
      };
      const secret = await drive(clock, attempt());
      expect(secret).not.toBeNull();
      plug.filter = (_, report) => {
        reports += 1;
        if (chance.below(12) > 0) return report;
        return chance.below(4) === 0 ? false : mutate(report, chance);
      };
      for (let left = 20; left > 0; left -= 1) {
        try {
          const outcome = await drive(clock, attempt(), 3 * LIMIT_MS, 500);
          if (outcome !== null) expect(outcome).toBe(secret);
          if (outcome !== null) verified += 1;
        } catch (error) {
          expectSaid(error);
        }
      }
    }
    expect(verified).toBeGreaterThan(0);
  });
});

describe('U2F', () => {
  test('registrations are vouched for as they were made, or not at all', { timeout: LONG }, () => {
    const chance = seeded(5);
    const original = readRegistration(U2F_REGISTRATION, U2F_APP_ID_HASH);
    let vouched = 0;
    for (let left = share(75_000, 300); left > 0; left -= 1) {
      const answer = mutate(U2F_REGISTRATION, chance);
      try {
        const made = readRegistration(answer, U2F_APP_ID_HASH);
        const credential = readAuthData(made.authData)?.credential;
        const publicKey = readCoseKey(credential?.publicKey ?? new Uint8Array());
        if (credential == null || publicKey === null) continue;
        const hashes = { rpIdHash: U2F_APP_ID_HASH, clientDataHash: U2F_CLIENT_DATA_HASH };
        const attestation = readAttestation({ ...made, ...hashes, credential, publicKey });
        if (attestation?.type !== 'basic') continue;
        vouched += 1;
        expect(toHex(made.authData)).toBe(toHex(original.authData));
      } catch (error) {
        expectSaid(error);
      }
    }
    // What changes only names in the certificate is none of its key's business.
    expect(vouched).toBeGreaterThan(0);
  });
});

describe('feature reports of a YubiKey', () => {
  test('end every challenge within its time', { timeout: LONG }, async () => {
    const chance = seeded(6);
    const key = chance.bytes(20);
    const clock = createFakeClock();
    const device = createYubiKey({ clock, slots: { 2: { key } } });
    const hid = createFakeHid(device);
    const otp = await openOtpInterface(await hid.open(hid.plugs[0]?.path ?? ''), clock);
    const { getFeature, setFeature } = device;
    const challenge = chance.bytes(40).with(39, 1);
    const right = createHmac('sha1', key).update(challenge).digest('hex');
    let reports = 0;
    let answered = 0;
    const spoil = (report: Uint8Array): Uint8Array => {
      reports += 1;
      // One bit at a time: a CRC finds that always, and more than that nearly always.
      if (chance.below(40) > 0) return report;
      const at = chance.below(report.length);
      return report.with(at, (report[at] ?? 0) ^ (1 << chance.below(8)));
    };
    device.getFeature = (length) => spoil(getFeature(length));
    device.setFeature = (report) => setFeature(spoil(report));
    while (reports < share(80_000, 1_500)) {
      try {
        const response = toHex(await drive(clock, hmacChallenge(otp, 2, challenge), LIMIT_MS, 500));
        if (response === right) answered += 1;
        expect(response).toMatch(/^[0-9a-f]{40}$/);
      } catch (error) {
        expectSaid(error);
      }
    }
    expect(answered).toBeGreaterThan(0);
  });
});

test('maps of maps, as deep as one likes, are refused without using up the stack', () => {
  const deep = new Uint8Array(1_000_000).fill(0x81);
  expect(decodeCbor(deep)).toEqual({ ok: false, flaw: 'TooDeep' });
  const value: CborValue = [[[[]]]];
  expect(decodeCbor(encodeCbor(value)).ok).toBe(true);
});
