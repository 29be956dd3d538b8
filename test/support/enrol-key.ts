import type { SecurityKeyDevice } from '../../src/contract/mfa.ts';
import type { TestDaemon } from './daemon.ts';

const utf8 = new TextEncoder();

interface Wanted {
  daemon: TestDaemon;
  /** The vault's. */
  password: string;
  name: string;
  pin: string;
  /** How it opens the vault; without, it does not. */
  opens?: 'alone' | 'with-password';
}

/** By the contract: a PIN for the only FIDO key that is plugged in, its enrolment, and a way in with it. */
export async function enrolKey({ daemon, password, name, pin, opens }: Wanted): Promise<SecurityKeyDevice> {
  const { devices } = await daemon.call('mfa.devices', {});
  const device = devices.find(({ kind }) => kind === 'fido');
  if (device === undefined) throw new Error('no FIDO key is plugged in');
  const { callSealed } = daemon.client;
  await callSealed('mfa.setPin', async (seal) => ({
    device: device.id,
    pin: await seal('security-key-pin', utf8.encode(pin)),
  }));
  await callSealed('mfa.enroll', async (seal) => ({
    name,
    device: device.id,
    pin: await seal('security-key-pin', utf8.encode(pin)),
    authorize: { factor: 'password', sealed: await seal('password', utf8.encode(password)) },
  }));
  if (opens === undefined) return device;
  await callSealed('slot.addKey', async (seal) => ({
    label: name,
    key: {
      kind: 'fido2',
      name,
      device: device.id,
      pin: await seal('security-key-pin', utf8.encode(pin)),
    },
    ...(opens === 'with-password' ? { password: await seal('password', utf8.encode(password)) } : {}),
    authorize: { factor: 'password', sealed: await seal('password', utf8.encode(password)) },
  }));
  return device;
}
