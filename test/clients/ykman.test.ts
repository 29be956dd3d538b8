import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { EmulatedHidraw } from '../device/emulated-hidraw.ts';
import { whyNoYkman } from '../device/judges.ts';
import { createYubiKey, type YubiKey, type YubiKeyOptions } from '../device/yubikey.ts';

const reason = whyNoYkman();

const KEY = '0102030405060708090a0b0c0d0e0f1011121314';
const expected = (challenge: string): string =>
  createHmac('sha1', Buffer.from(KEY, 'hex')).update(Buffer.from(challenge, 'hex')).digest('hex');

let hidraw: EmulatedHidraw | undefined;
afterEach(() => {
  hidraw?.dispose();
  hidraw = undefined;
});

/** Yubico's own program judges the YubiKey with which Keyhold is tested. */
describe.skipIf(reason !== null)(`ykman${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  async function lab(options: Partial<YubiKeyOptions> = {}) {
    const key: YubiKey = createYubiKey({ clock: systemClock, serial: 7654321, ...options });
    const served = await EmulatedHidraw.start(key);
    hidraw = served;
    const ykman = async (...args: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await served.run('ykman', args);
      if (status !== 0) throw new Error(stderr);
      return stdout;
    };
    return { key, ykman };
  }

  it('knows its version, its serial number and its slots', async () => {
    const { ykman } = await lab({ slots: { 2: { key: Buffer.from(KEY, 'hex') } } });
    const info = await ykman('info');
    expect(info).toMatch(/Serial number: 7654321/);
    expect(info).toMatch(/Firmware version: 5\.4\.3/);
    expect(await ykman('otp', 'info')).toBe('Slot 1: empty\nSlot 2: programmed\n');
  });

  it('programmes a slot, has it calculate, and deletes it', async () => {
    const { key, ykman } = await lab();
    await ykman('otp', 'chalresp', '-f', '1', KEY);
    expect(key.state.programmed).toBe(1);
    for (const challenge of ['61', '6162636465', '00', 'ff'.repeat(63), '4b'.repeat(32)]) {
      expect((await ykman('otp', 'calculate', '1', challenge)).trim()).toBe(expected(challenge));
    }
    await expect(ykman('otp', 'calculate', '2', '61')).rejects.toThrow();
    await ykman('otp', 'swap', '-f');
    expect((await ykman('otp', 'calculate', '2', '61')).trim()).toBe(expected('61'));
    await ykman('otp', 'delete', '-f', '2');
    expect(await ykman('otp', 'info')).toBe('Slot 1: empty\nSlot 2: empty\n');
  });

  it('waits for a touch where the slot wants one', async () => {
    const { key, ykman } = await lab();
    await ykman('otp', 'chalresp', '-f', '-t', '2', KEY);
    key.control.touch = 'delay';
    const answer = ykman('otp', 'calculate', '2', '616263');
    await vi.waitFor(() => expect(key.state.awaitsTouch).toBe(true), 30_000);
    key.control.press();
    expect((await answer).trim()).toBe(expected('616263'));
  });

  it('is told when nobody touches', async () => {
    const { key, ykman } = await lab({
      slots: { 2: { key: Buffer.from(KEY, 'hex'), touch: true } },
      touchTimeout: 2_000,
    });
    key.control.touch = 'never';
    await expect(ykman('otp', 'calculate', '2', '616263')).rejects.toThrow(/touch|time/i);
    expect(key.state.responses).toBe(0);
  });
});
