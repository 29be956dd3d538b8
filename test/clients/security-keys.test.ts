import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { type Ended, runCli, startCli } from '../cli/support/run-cli.ts';
import { createAuthenticator } from '../device/authenticator.ts';
import { EmulatedHidraw } from '../device/emulated-hidraw.ts';
import { whyNoNodeHid } from '../device/remote-hid.ts';
import { createYubiKey } from '../device/yubikey.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';

const reason = whyNoNodeHid();
const VAULT = 'correct horse battery staple 9';
const PIN = '482915';
const SECRET = Uint8Array.from({ length: 20 }, (_, index) => index + 1);
const [BLUE, RED, YUBIKEY] = [0, 1, 2];

/**
 * Nothing of Keyhold's is replaced: the command line, the daemon with the HSM process, and the real node-hid on hidraw devices. In order: each test stands
 * on the ones before it.
 */
describe.skipIf(reason !== null)(
  `keyhold with security keys on hidraw${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    const clock = systemClock;
    const blue = createAuthenticator({ clock, description: { product: 'Blue' } });
    const red = createAuthenticator({ clock, description: { product: 'Red' } });
    const yubikey = createYubiKey({ clock, serial: 4711, slots: { 2: { key: SECRET, touch: true } } });
    let hidraw: EmulatedHidraw;
    let daemon: TestDaemon;

    beforeAll(async () => {
      hidraw = await EmulatedHidraw.start(blue, red, yubikey);
      daemon = await startTestDaemon({ within: (program, args) => hidraw.command(program, args) });
      for (const [name, text] of Object.entries({ vault: VAULT, pin: PIN, wrong: '000000' })) {
        writeFileSync(path(name), `${text}\n`, { mode: 0o600 });
      }
      await keyhold(['init', '--password-stdin', '--yes'], `${VAULT}\n`);
    });
    afterAll(async () => {
      await daemon?.stop();
      hidraw?.dispose();
    });
    beforeEach(() => {
      for (const key of [blue, red]) key.control.touch = 'approve';
      yubikey.control.touch = 'approve';
    });

    const path = (name: string): string => join(daemon.home, `${name}.txt`);
    const keyhold = (args: string[], input?: string): Promise<Ended> =>
      runCli(args, { home: daemon.home, ...(input === undefined ? {} : { input }) });
    const json = async (...args: string[]) => JSON.parse((await keyhold([...args, '--json'])).stdout);
    const withFiles = (...args: string[]): Promise<Ended> =>
      keyhold([...args, '--password-file', path('vault'), '--pin-file', path('pin')]);
    const slotOf = async (label: string): Promise<string> => {
      const { slots } = await json('vault', 'slot', 'list');
      return slots.find((slot: { label: string }) => slot.label === label).id;
    };
    const unlock = (...more: string[]): string[] => ['unlock', '--key', '--pin-file', path('pin'), ...more];
    const state = async (): Promise<string> => (await json('status')).state;
    const awaitsTouch = () => vi.waitFor(() => expect(blue.state.awaitsTouch).toBe(true), 60_000);
    const deviceOf = async (product: string): Promise<string> => {
      const { devices } = await json('mfa', 'devices');
      return devices.find(({ name }: { name: string }) => name.includes(product)).id;
    };

    it('finds what is plugged in, and says what it can do', async () => {
      const { devices } = await json('mfa', 'devices');
      expect(devices.map(({ kind }: { kind: string }) => kind)).toEqual(['fido', 'fido', 'otp']);
      const { info } = await json('mfa', 'info', '--device', await deviceOf('Blue'));
      expect(info).toMatchObject({ fido2: true, canUnlock: true, pin: 'unset' });
      const otp = await json('mfa', 'info', '--device', devices[YUBIKEY].id);
      expect(otp.info).toMatchObject({ firmware: '5.4.3', serial: 4711 });
    });

    it('enrols both keys, and makes each a way in', async () => {
      for (const [name, product] of [
        ['blue', 'Blue'],
        ['red', 'Red'],
      ] as const) {
        const device = ['--device', await deviceOf(product)];
        expect(await keyhold(['mfa', 'pin', '--new-pin-file', path('pin'), ...device])).toMatchObject({ code: 0 });
        expect(await withFiles('mfa', 'enroll', name, ...device)).toMatchObject({ code: 0 });
        expect(await withFiles('vault', 'slot', 'add-key', name, '--label', name, ...device)).toMatchObject({
          code: 0,
        });
      }
      expect(blue.state.credentials).toHaveLength(1);
      expect(red.state.credentials).toHaveLength(1);
    });

    it('unlocks with a key and its PIN, with two plugged in', async () => {
      const slot = await slotOf('blue');
      await keyhold(['lock']);
      blue.control.touch = 'delay';
      const { ended } = startCli(unlock('--slot', slot), { home: daemon.home });
      await awaitsTouch();
      blue.control.press();
      expect(await ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Touch .*Blue/) });
      expect(await state()).toBe('unlocked');
    });

    it('says when the key is pulled out while it waits, and unlocks once it is back', async () => {
      await keyhold(['lock']);
      await hidraw.unplug(RED);
      blue.control.touch = 'never';
      const { ended } = startCli(unlock('--device', await deviceOf('Blue')), { home: daemon.home });
      await awaitsTouch();
      await hidraw.unplug(BLUE);
      expect(await ended).toMatchObject({ code: 7, stderr: expect.stringContaining('was pulled out') });
      expect(await state()).toBe('locked');
      await hidraw.plug(BLUE);
      await hidraw.plug(RED);
      blue.control.touch = 'approve';
      expect(await keyhold(unlock('--device', await deviceOf('Blue')))).toMatchObject({ code: 0 });
    });

    it('lets go of the key on Ctrl-C', async () => {
      await keyhold(['lock']);
      blue.control.touch = 'never';
      const { process: running, ended } = startCli(unlock('--device', await deviceOf('Blue')), { home: daemon.home });
      await awaitsTouch();
      running.kill('SIGINT');
      await ended;
      await vi.waitFor(() => expect(blue.state.awaitsTouch).toBe(false), 20_000);
      await vi.waitFor(() => expect(hidraw.holders(BLUE)).toBe(0), 20_000);
      expect(await state()).toBe('locked');
    });

    it.each([
      ['EBUSY' as const, /Another program/],
      ['EACCES' as const, /udev\/70-keyhold\.rules/],
    ])('says what to do about %s', async (why, words) => {
      hidraw.refuse(BLUE, why);
      try {
        const refused = await keyhold(unlock('--device', await deviceOf('Blue')));
        expect(refused).toMatchObject({ code: 7, stderr: expect.stringMatching(words) });
      } finally {
        hidraw.refuse(BLUE, null);
      }
    });

    it('counts wrong PINs down to the lock-out, after which another way in still opens', async () => {
      const device = await deviceOf('Blue');
      const wrong = (): Promise<Ended> => keyhold(['unlock', '--key', '--pin-file', path('wrong'), '--device', device]);
      const said: string[] = [];
      for (let tries = 0; tries < 12 && blue.state.pinRetries > 0; tries++) {
        const { code, stderr } = await wrong();
        expect(code).toBe(4);
        said.push(stderr);
        if (/plug|pull/i.test(stderr)) {
          await hidraw.unplug(BLUE);
          await hidraw.plug(BLUE);
        }
      }
      expect(said[0]).toMatch(/7 tries are left/);
      expect(blue.state.pinRetries).toBe(0);
      expect(await keyhold(unlock('--device', device))).toMatchObject({
        code: 4,
        stderr: expect.stringMatching(/reset/),
      });
      expect(await state()).toBe('locked');
      expect(await keyhold(['unlock', '--password-file', path('vault')])).toMatchObject({ code: 0 });
    });

    it('unlocks with a YubiKey’s HMAC-SHA1, with a touch', async () => {
      const added = await keyhold([
        'vault',
        'slot',
        'add-key',
        '--yubikey-slot',
        '2',
        '--label',
        'stick',
        '--alone',
        '--password-file',
        path('vault'),
      ]);
      expect(added).toMatchObject({ code: 0 });
      const slot = await slotOf('stick');
      await keyhold(['lock']);
      yubikey.control.touch = 'delay';
      const { ended } = startCli(['unlock', '--key', '--slot', slot], { home: daemon.home });
      await vi.waitFor(() => expect(yubikey.state.awaitsTouch).toBe(true), 60_000);
      yubikey.control.press();
      expect(await ended).toMatchObject({ code: 0 });
      expect(await state()).toBe('unlocked');
    });
  },
);
