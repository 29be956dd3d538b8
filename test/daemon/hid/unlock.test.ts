import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Secret } from '../../../src/contract/schemas.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { createAuthenticator } from '../../device/authenticator.ts';
import { EmulatedHidraw } from '../../device/emulated-hidraw.ts';
import { whyNoNodeHid } from '../../device/remote-hid.ts';
import { createYubiKey } from '../../device/yubikey.ts';
import { startTestDaemon, type TestDaemon } from '../../support/daemon.ts';
import { PASSWORD } from '../../support/hsm.ts';
import { failure } from '../../support/vault.ts';

const reason = whyNoNodeHid();
const PIN = '482915';
const FIDO = 0;
const utf8 = new TextEncoder();

/** The whole program: daemon and HSM process of their own, node-hid's real binary, and devices that only the kernel's files are missing of. In order. */
describe.skipIf(reason !== null)(
  `the real daemon unlocks with emulated hidraw devices${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    const authenticator = createAuthenticator({ clock: systemClock });
    const key = new Uint8Array(randomBytes(20));
    const yubikey = createYubiKey({ clock: systemClock, serial: 7_654_321, slots: { 2: { key } } });
    let hidraw: EmulatedHidraw;
    let daemon: TestDaemon;

    beforeAll(async () => {
      hidraw = await EmulatedHidraw.start(authenticator, yubikey);
      daemon = await startTestDaemon({ within: (program, args) => hidraw.command(program, args) });
      await daemon.create();
    });
    afterAll(async () => {
      await daemon?.stop();
      hidraw?.dispose();
    });

    const pinned = (pin: string) =>
      daemon.client.callSealed('vault.unlock', async (seal) => ({
        secret: { factor: 'security-key', pin: await seal('security-key-pin', utf8.encode(pin)) },
      }));
    const owner = async (seal: Parameters<Parameters<typeof daemon.client.callSealed>[1]>[0]): Promise<Secret> => ({
      factor: 'password',
      sealed: await seal('password', utf8.encode(PASSWORD)),
    });

    test('sets a PIN, enrols the key and makes ways in', async () => {
      const { devices } = await daemon.call('mfa.devices', {});
      expect(devices.map(({ kind }) => kind)).toEqual(['fido', 'otp']);
      const device = devices[0]?.id ?? '';
      await daemon.client.callSealed('mfa.setPin', async (seal) => ({
        device,
        pin: await seal('security-key-pin', utf8.encode(PIN)),
      }));
      expect(authenticator.state.pinSet).toBe(true);
      await daemon.client.callSealed('mfa.enroll', async (seal) => ({
        name: 'blue',
        pin: await seal('security-key-pin', utf8.encode(PIN)),
        authorize: await owner(seal),
      }));
      const fido2 = await daemon.client.callSealed('slot.addKey', async (seal) => ({
        label: 'Blue',
        key: { kind: 'fido2', name: 'blue', pin: await seal('security-key-pin', utf8.encode(PIN)) },
        authorize: await owner(seal),
      }));
      expect(fido2.factors).toEqual(['fido2']);
      const otp = await daemon.client.callSealed('slot.addKey', async (seal) => ({
        label: 'YubiKey',
        key: { kind: 'yubikey-hmac-sha1', otpSlot: 2 },
        password: await seal('password', utf8.encode('second')),
        authorize: await owner(seal),
      }));
      expect(otp).toMatchObject({ factors: ['password', 'yubikey-hmac-sha1'], yubikey: { serial: 7_654_321 } });
    });

    test('unlocks with the key and its PIN, after a wrong one', async () => {
      await daemon.call('vault.lock', {});
      expect(await failure(() => pinned('000000'))).toMatchObject({ code: 'PinWrong', details: { retries: 7 } });
      expect(await pinned(PIN)).toMatchObject({ state: 'unlocked' });
    });

    test('unlocks with a password and the YubiKey', async () => {
      await daemon.call('vault.lock', {});
      const opened = daemon.client.callSealed('vault.unlock', async (seal) => ({
        secret: { factor: 'security-key', password: await seal('password', utf8.encode('second')) },
      }));
      expect(await opened).toMatchObject({ state: 'unlocked' });
    });

    test('stays locked where another program holds the key, or it is pulled out while it waits', async () => {
      await daemon.call('vault.lock', {});
      hidraw.refuse(FIDO, 'EBUSY');
      expect((await failure(() => pinned(PIN))).code).toBe('DeviceBusy');
      hidraw.refuse(FIDO, 'EACCES');
      expect(await failure(() => pinned(PIN))).toMatchObject({ code: 'DeviceDenied' });
      hidraw.refuse(FIDO, null);
      authenticator.control.touch = 'never';
      const waiting = failure(() => pinned(PIN));
      for (let tries = 0; tries < 1000 && !authenticator.state.awaitsTouch; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await hidraw.unplug(FIDO);
      expect((await waiting).code).toBe('DeviceGone');
      expect((await daemon.call('status.get', {})).state).toBe('locked');
      authenticator.control.touch = 'approve';
      await hidraw.plug(FIDO);
      expect(await pinned(PIN)).toMatchObject({ state: 'unlocked' });
    });
  },
);
