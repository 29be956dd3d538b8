import { expect, test } from 'vitest';
import type { DaemonEvent } from '../../../src/contract/events.ts';
import { Devices } from '../../../src/core/security-keys/devices.ts';
import { createAuthenticator } from '../../device/authenticator.ts';
import { createFakeHid } from '../../device/fake-hid.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';

function watched() {
  const clock = createFakeClock();
  const hid = createFakeHid();
  const plug = hid.add(createAuthenticator({ clock }));
  plug.unplug();
  const events: DaemonEvent[] = [];
  const devices = new Devices({ hid, clock, log: silentLogger, emit: (event) => events.push(event) });
  const told = async (): Promise<number> => {
    clock.advance(1000);
    await new Promise(setImmediate);
    return events.splice(0).length;
  };
  return { devices, plug, told };
}

test('what is plugged in right after somebody looked is told of, once', async () => {
  const { devices, plug, told } = watched();
  devices.watch(await devices.list());
  plug.plug();
  expect(await told()).toBe(1);
  expect(await told()).toBe(0);
  plug.unplug();
  expect(await told()).toBe(1);
});

test('who looked before hears of what somebody else sees first', async () => {
  const { devices, plug, told } = watched();
  devices.watch(await devices.list());
  plug.plug();
  devices.watch(await devices.list());
  expect(await told()).toBe(1);
  devices.stop();
});
