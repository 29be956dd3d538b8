import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { toHex } from '../../../src/core/crypto/bytes.ts';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import { PIN_PERMISSION } from '../../../src/core/fido/client-pin.ts';
import { type CtapHid, openCtapHid } from '../../../src/core/fido/ctaphid.ts';
import { findSecurityKeys } from '../../../src/core/fido/find-devices.ts';
import { getAssertion } from '../../../src/core/fido/get-assertion.ts';
import { getInfo } from '../../../src/core/fido/get-info.ts';
import { makeCredential } from '../../../src/core/fido/make-credential.ts';
import { selectAuthenticator } from '../../../src/core/fido/select-authenticator.ts';
import { u2fAuthenticate, u2fRegister } from '../../../src/core/fido/u2f.ts';
import { verifyAssertion } from '../../../src/core/fido/verify-assertion.ts';
import { verifyRegistration } from '../../../src/core/fido/verify-registration.ts';
import { hmacChallenge, padChallenge, readSerial } from '../../../src/core/yubikey/challenge-response.ts';
import { type OtpInterface, openOtpInterface } from '../../../src/core/yubikey/otp-interface.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { type Authenticator, createAuthenticator } from '../../device/authenticator.ts';
import { EmulatedHidraw } from '../../device/emulated-hidraw.ts';
import { RemoteHid, whyNoNodeHid } from '../../device/remote-hid.ts';
import { createYubiKey } from '../../device/yubikey.ts';
import { agreeWith, authWith, hmacSecretOf, setFirstPin } from '../../support/platform-pin-uv.ts';

const reason = whyNoNodeHid();
const rpId = 'keyhold.test';
const clientDataHash = new Uint8Array(32).fill(42);
const clock = systemClock;
const SECRET = Uint8Array.from({ length: 20 }, (_, index) => index + 1);
const challenge = Uint8Array.of(1, 2, 3);
const request = {
  clientDataHash,
  rp: { id: rpId, name: 'Keyhold' },
  user: { id: Uint8Array.of(1), name: 'maria', displayName: 'María' },
};

/** The whole way: Keyhold's own CTAP and YubiKey code, the real node-hid binary, hidraw, and two FIDO keys and a YubiKey at its other end. */
describe.skipIf(reason !== null)(
  `security keys by the real node-hid${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    const key = createAuthenticator({ clock, description: { product: 'One' } });
    const second = createAuthenticator({ clock, kind: 'u2f', description: { product: 'Two' } });
    const yubikey = createYubiKey({
      clock,
      serial: 4711,
      slots: { 1: { key: SECRET }, 2: { key: SECRET, touch: true } },
    });
    const open: { close(): Promise<void> }[] = [];
    let hidraw: EmulatedHidraw;
    let hid: RemoteHid;
    let paths: Record<string, string>;

    beforeAll(async () => {
      hidraw = await EmulatedHidraw.start(key, second, yubikey);
      hid = new RemoteHid(hidraw);
      const found = findSecurityKeys(await hid.list());
      expect(found.map(({ kind }) => kind)).toEqual(['fido', 'fido', 'otp']);
      paths = Object.fromEntries(['one', 'two', 'yubikey'].map((name, at) => [name, found[at]?.path ?? '']));
    });
    beforeEach(() => {
      for (const one of [key, second]) one.control.touch = 'approve';
      yubikey.control.touch = 'approve';
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close().catch(() => undefined)));
    });
    afterAll(() => {
      hid?.dispose();
      hidraw?.dispose();
    });

    async function channelTo(name: string): Promise<CtapHid> {
      const channel = await openCtapHid(await hid.open(paths[name] ?? ''), { clock, random: systemRandom });
      open.push(channel);
      return channel;
    }
    async function otp(): Promise<OtpInterface> {
      const device = await openOtpInterface(await hid.open(paths['yubikey'] ?? ''), clock);
      open.push(device);
      return device;
    }
    const awaited = (device: Authenticator) => vi.waitFor(() => expect(device.state.awaitsTouch).toBe(true), 20_000);

    test('a PIN, a credential, and the secret that only this key makes', async () => {
      const channel = await channelTo('one');
      await setFirstPin(channel, 2, 'correct horse');
      const info = await getInfo(channel);
      const authFor = (permission: number) => authWith(channel, info, 2, 'correct horse', permission, rpId);
      const made = await makeCredential(channel, {
        ...request,
        hmacSecret: true,
        auth: await authFor(PIN_PERMISSION.makeCredential),
      });
      const credential = verifyRegistration({ rpId, clientDataHash, requireUserVerification: true, ...made });
      if (!credential.verified) throw new Error(credential.flaw);
      const secrets: string[] = [];
      let { signCount } = credential;
      for (let round = 0; round < 2; round++) {
        const platform = await agreeWith(channel, 2);
        const assertion = await getAssertion(channel, {
          rpId,
          clientDataHash,
          allow: [made.credentialId],
          hmacSecret: hmacSecretOf(platform, [new Uint8Array(32).fill(5)]),
          auth: await authFor(PIN_PERMISSION.getAssertion),
        });
        const { publicKey } = credential;
        const given = { rpId, clientDataHash, publicKey, signCount, requireUserVerification: true, ...assertion };
        const verdict = verifyAssertion(given);
        if (!verdict.verified) throw new Error(verdict.flaw);
        signCount = verdict.signCount;
        secrets.push(...platform.hmacSecretOutputs(assertion.hmacSecretEnc ?? new Uint8Array(), 1).map(toHex));
      }
      expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(secrets[1]).toBe(secrets[0]);
    });

    test('a key of before CTAP2', async () => {
      const channel = await channelTo('two');
      const made = await u2fRegister(channel, clock, { rpId, clientDataHash });
      const credential = verifyRegistration({ rpId, clientDataHash, requireUserVerification: false, ...made });
      if (!credential.verified) throw new Error(credential.flaw);
      const assertion = await u2fAuthenticate(channel, clock, { rpId, clientDataHash, allow: [made.credentialId] });
      const { publicKey } = credential;
      const given = { rpId, clientDataHash, publicKey, signCount: 0, requireUserVerification: false, ...assertion };
      expect(verifyAssertion(given)).toMatchObject({ verified: true });
    });

    test('Ctrl-C reaches a key that waits for a touch', async () => {
      key.control.touch = 'never';
      const channel = await channelTo('one');
      const info = await getInfo(channel);
      const abort = new AbortController();
      const heard = vi.fn();
      const selecting = selectAuthenticator(channel, info, { signal: abort.signal, onStatus: heard });
      await awaited(key);
      await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('touch'));
      abort.abort();
      await expect(selecting).rejects.toMatchObject({ code: 'Cancelled' });
      expect(key.state).toMatchObject({ awaitsTouch: false, busy: false });
      await channel.ping(Uint8Array.of(1, 2, 3));
    });

    test('a key that another program uses is busy, and free once that is done', async () => {
      key.control.touch = 'never';
      const other = await channelTo('one');
      const abort = new AbortController();
      const theirs = selectAuthenticator(other, await getInfo(other), { signal: abort.signal });
      await awaited(key);
      const mine = await channelTo('one');
      await expect(getInfo(mine)).rejects.toMatchObject({ code: 'DeviceBusy' });
      abort.abort();
      await expect(theirs).rejects.toMatchObject({ code: 'Cancelled' });
      expect((await getInfo(mine)).versions).toContain('FIDO_2_1');
    });

    test('a key that is pulled out while it waits for a touch', async () => {
      key.control.touch = 'never';
      const channel = await channelTo('one');
      const making = makeCredential(channel, request);
      await awaited(key);
      // Before it is pulled: the word of that may come first.
      const gone = expect(making).rejects.toMatchObject({ code: 'DeviceGone' });
      await hidraw.unplug(0);
      await gone;
      await hidraw.plug(0);
      expect((await getInfo(await channelTo('one'))).options.get('clientPin')).toBe(true);
    });

    test('a YubiKey answers what an HMAC-SHA1 of its key does, with a touch where it wants one', async () => {
      const device = await otp();
      const expected = createHmac('sha1', SECRET).update(challenge).digest('hex');
      expect(await readSerial(device)).toBe(4711);
      expect(padChallenge(challenge)).toHaveLength(64);
      expect(toHex(await hmacChallenge(device, 1, challenge))).toBe(expected);
      yubikey.control.touch = 'delay';
      const onTouch = vi.fn(() => yubikey.control.press());
      expect(toHex(await hmacChallenge(device, 2, challenge, { onTouch }))).toBe(expected);
      expect(onTouch).toHaveBeenCalledOnce();
    });

    test('a YubiKey that is pulled out while it waits for a touch', async () => {
      yubikey.control.touch = 'never';
      const device = await otp();
      const onTouch = vi.fn(() => void hidraw.unplug(2));
      await expect(hmacChallenge(device, 2, challenge, { onTouch })).rejects.toMatchObject({ code: 'DeviceGone' });
      await hidraw.plug(2);
      expect(await readSerial(await otp())).toBe(4711);
    });
  },
);
