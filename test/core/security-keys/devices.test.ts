import { expect, test, vi } from 'vitest';
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
  return { devices, plug, told, clock };
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

test('who waits long for a key leaves nothing behind on the signal', async () => {
  const { devices, clock } = watched();
  const { signal } = new AbortController();
  const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
  let rounds = 0;
  const waiting = devices.waitFor(() => ++rounds > 20, signal);
  while (rounds <= 20) {
    await new Promise(setImmediate);
    clock.advance(250);
  }
  await waiting;
  expect(added).toHaveBeenCalledTimes(20);
  expect(removed).toHaveBeenCalledTimes(20);
});

test('who gives up waiting for a device in use leaves no timer behind', async () => {
  const { devices, plug, clock } = watched();
  plug.plug();
  const [device] = await devices.list();
  if (device === undefined) throw new Error('it is not plugged in');
  const controller = new AbortController();
  const held = devices.use(device, new AbortController().signal, () => new Promise<void>(() => undefined));
  void held;
  const timers = vi.spyOn(clock, 'setTimer');
  const second = devices.use(device, controller.signal, async () => undefined);
  const cancel = vi.spyOn(timers.mock.results[0]?.value ?? {}, 'cancel');
  controller.abort(new Error('given up'));
  await expect(second).rejects.toThrow('given up');
  expect(cancel).toHaveBeenCalledOnce();
});

test('who has given up already does not wait for a device in use', async () => {
  const { devices, plug } = watched();
  plug.plug();
  const [device] = await devices.list();
  if (device === undefined) throw new Error('it is not plugged in');
  void devices.use(device, new AbortController().signal, () => new Promise<void>(() => undefined));
  const late = devices.use(device, AbortSignal.abort(new Error('given up')), async () => undefined);
  await expect(late).rejects.toThrow('given up');
});
