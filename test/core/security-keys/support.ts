import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Seal } from '../../../src/client/client.ts';
import type { Params, Result } from '../../../src/contract/methods.ts';
import type { MfaPrompt, Secret } from '../../../src/contract/schemas.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { type Authenticator, type AuthenticatorOptions, createAuthenticator } from '../../device/authenticator.ts';
import { createFakeHid, type FakeHid, type FakePlug } from '../../device/fake-hid.ts';
import { createYubiKey, type YubiKey } from '../../device/yubikey.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { PASSWORD } from '../../support/hsm.ts';

const utf8 = new TextEncoder();
export const PIN = '482915';

/** A core with emulated security keys. */
export interface Desk {
  core: TestCore;
  hid: FakeHid;
  recoveryCode: string;
  /** Plugs an authenticator in. */
  authenticator(options?: Partial<AuthenticatorOptions>): { key: Authenticator; plug: FakePlug };
  yubikey(touch?: boolean): { key: YubiKey; plug: FakePlug };
  /** The id that the contract has for a plug's device. */
  idOf(plug: FakePlug): Promise<string>;
  prompts(): MfaPrompt[];
  setPin(plug?: FakePlug, pin?: string): Promise<void>;
  enroll(
    name: string,
    more?: { pin?: string; userVerification?: boolean; device?: string },
  ): Promise<Result<'mfa.enroll'>>;
  addSlot(
    key: { name: string; pin?: string; device?: string } | { otpSlot: 1 | 2 },
    more?: { password?: string; alone?: boolean; label?: string },
  ): Promise<Result<'slot.addKey'>>;
  unlock(with_: { pin?: string; password?: string; slot?: string; device?: string }): Promise<Result<'vault.unlock'>>;
  lock(): Promise<void>;
  /** Resolves once a prompt of this kind is shown. */
  prompted(ask: MfaPrompt['ask']): Promise<MfaPrompt>;
}

export const yubikeySecret = new Uint8Array(randomBytes(20));

export async function openDesk(): Promise<Desk> {
  const hid = createFakeHid();
  const core = startTestCore({ hid });
  const recoveryCode = await core.create();
  const { client } = core;
  const sealed = async (seal: Seal, text: string | undefined) =>
    text === undefined ? {} : { pin: await seal('security-key-pin', utf8.encode(text)) };
  const owner = async (seal: Seal): Promise<Secret> => ({
    factor: 'password',
    sealed: await seal('password', utf8.encode(PASSWORD)),
  });
  const desk: Desk = {
    core,
    hid,
    recoveryCode,
    authenticator(options = {}) {
      const key = createAuthenticator({ clock: systemClock, ...options });
      return { key, plug: hid.add(key) };
    },
    yubikey(touch = false) {
      const key = createYubiKey({ clock: systemClock, serial: 7_654_321, slots: { 2: { key: yubikeySecret, touch } } });
      return { key, plug: hid.add(key) };
    },
    async idOf(plug) {
      // The list is in the order of the paths.
      const paths = hid.plugs.filter(({ plugged }) => plugged).map(({ path }) => path);
      const at = paths.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).indexOf(plug.path);
      const { devices } = await client.call('mfa.devices', {});
      const found = devices[at];
      if (found === undefined) throw new Error('it is not plugged in');
      return found.id;
    },
    prompts: () => core.events.flatMap((event) => (event.type === 'mfa.prompt' ? event.prompt : [])),
    async setPin(plug, pin = PIN) {
      const device = plug === undefined ? {} : { device: await desk.idOf(plug) };
      await client.callSealed('mfa.setPin', async (seal) => ({
        ...device,
        pin: await seal('security-key-pin', utf8.encode(pin)),
      }));
    },
    enroll: (name, { pin, ...more } = {}) =>
      client.callSealed('mfa.enroll', async (seal) => ({
        ...{ name, ...more },
        ...(await sealed(seal, pin)),
        authorize: await owner(seal),
      })),
    addSlot: (key, { password, ...more } = {}) =>
      client.callSealed('slot.addKey', async (seal) => {
        const named: Params<'slot.addKey'>['key'] =
          'otpSlot' in key
            ? { kind: 'yubikey-hmac-sha1', otpSlot: key.otpSlot }
            : {
                ...{ kind: 'fido2', name: key.name },
                ...(key.device === undefined ? {} : { device: key.device }),
                ...(await sealed(seal, key.pin)),
              };
        return {
          ...{ label: 'Key', key: named, ...more },
          ...(password === undefined ? {} : { password: await seal('password', utf8.encode(password)) }),
          authorize: await owner(seal),
        };
      }),
    unlock: ({ pin, password, ...more }) =>
      client.callSealed('vault.unlock', async (seal) => ({
        secret: {
          ...{ factor: 'security-key', ...more },
          ...(password === undefined ? {} : { password: await seal('password', utf8.encode(password)) }),
          ...(await sealed(seal, pin)),
        },
      })),
    async lock() {
      await client.call('vault.lock', {});
    },
    async prompted(ask) {
      for (let tries = 0; tries < 500; tries += 1) {
        const { prompts } = await client.call('mfa.prompts', {});
        const found = prompts.find((one) => one.ask === ask);
        if (found !== undefined) return found;
        await sleep(10);
      }
      throw new Error(`nobody was asked to ${ask}`);
    },
  };
  return desk;
}
