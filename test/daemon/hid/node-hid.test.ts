import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HidConnection } from '../../../src/core/ports.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { createAuthenticator } from '../../device/authenticator.ts';
import { CTAPHID } from '../../device/ctaphid.ts';
import { hex } from '../../device/emulated-device.ts';
import { EmulatedHidraw } from '../../device/emulated-hidraw.ts';
import { RemoteHid, whyNoNodeHid } from '../../device/remote-hid.ts';
import { createWire } from '../../device/wire.ts';
import { createYubiKey } from '../../device/yubikey.ts';

const reason = whyNoNodeHid();
const FIDO = '/dev/hidraw0';
const YUBIKEY = '/dev/hidraw1';

describe.skipIf(reason !== null)(
  `the real node-hid on emulated hidraw devices${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    const authenticator = createAuthenticator({ clock: systemClock });
    const yubikey = createYubiKey({ clock: systemClock });
    const open: HidConnection[] = [];
    let hidraw: EmulatedHidraw;
    let hid: RemoteHid;

    beforeAll(async () => {
      hidraw = await EmulatedHidraw.start(authenticator, yubikey);
      hid = new RemoteHid(hidraw);
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((connection) => connection.close()));
    });
    afterAll(() => {
      hid?.dispose();
      hidraw?.dispose();
    });

    async function connect(path: string): Promise<HidConnection> {
      const connection = await hid.open(path);
      open.push(connection);
      return connection;
    }

    test('lists both with what they are', async () => {
      expect(await hid.list()).toEqual([
        {
          path: FIDO,
          vendorId: 0x1209,
          productId: 0xf1d0,
          manufacturer: 'Emulated',
          product: 'FIDO authenticator',
          serialNumber: '',
          usagePage: 0xf1d0,
          usage: 1,
        },
        expect.objectContaining({ path: YUBIKEY, vendorId: 0x1050, usagePage: 1, usage: 6 }),
      ]);
    });

    test('exchanges INIT, messages of the greatest length and CTAP2 commands', async () => {
      const wire = createWire(await connect(FIDO));
      const channel = await wire.open();
      const payload = Uint8Array.from({ length: 7609 }, (_, index) => (index * 7) & 0xff);
      await wire.send(channel, CTAPHID.ping, payload);
      expect((await wire.next()).payload).toEqual(payload);
      const { status, answer } = await wire.cbor(channel, 0x04);
      expect(status).toBe(0);
      expect(answer instanceof Map && answer.get(1)).toEqual(['U2F_V2', 'FIDO_2_0', 'FIDO_2_1']);
    });

    test('lets two programs hold the device, each on a channel of its own', async () => {
      const [one, two] = [createWire(await connect(FIDO)), createWire(await connect(FIDO))];
      const first = await one.open();
      // The answer to the first program reaches the second as well, as on a real bus.
      expect((await two.next()).command).toBe(CTAPHID.init);
      expect(await two.open()).not.toBe(first);
    });

    test('passes feature reports', async () => {
      const connection = await connect(YUBIKEY);
      expect(hex(await connection.getFeatureReport(8))).toBe('0005040300000000');
      await connection.sendFeatureReport(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x8f));
      expect(await connection.getFeatureReport(8)).toHaveLength(8);
    });

    test.each([
      [
        'EACCES' as const,
        'DeviceDenied',
        /no rights to \/dev\/hidraw0: as root, copy “.*resources\/udev\/70-keyhold\.rules” to/,
      ],
      ['EBUSY' as const, 'DeviceBusy', /Another program holds the security key/],
    ])('says what %s means', async (why, code, message) => {
      hidraw.refuse(0, why);
      try {
        await expect(hid.open(FIDO)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      } finally {
        hidraw.refuse(0, null);
      }
      await connect(FIDO);
    });

    test('says once that the device was pulled out, and finds it again', async () => {
      const connection = await connect(FIDO);
      const gone = vi.fn();
      connection.onGone(gone);
      await createWire(connection).open();
      await hidraw.unplug(0);
      await hid.forget(0);
      await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
      await expect(connection.write(new Uint8Array(64))).rejects.toMatchObject({ code: 'DeviceGone' });
      await expect(hid.open(FIDO)).rejects.toMatchObject({ code: 'DeviceGone' });
      expect((await hid.list()).map(({ path }) => path)).toEqual([YUBIKEY]);
      await hidraw.plug(0);
      await hid.forget(0, true);
      expect((await hid.list()).map(({ path }) => path)).toEqual([FIDO, YUBIKEY]);
      await createWire(await connect(FIDO)).open();
      expect(gone).toHaveBeenCalledOnce();
    });

    test('lets go of the device when it is closed', async () => {
      const connection = await hid.open(FIDO);
      await vi.waitFor(() => expect(hidraw.holders(0)).toBe(1));
      await connection.close();
      await vi.waitFor(() => expect(hidraw.holders(0)).toBe(0));
    });
  },
);
