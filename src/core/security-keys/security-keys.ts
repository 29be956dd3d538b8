import { KeyholdError } from '../../contract/errors.ts';
import type { DaemonEvent } from '../../contract/events.ts';
import type { Ports } from '../ports.ts';
import { Devices, type PluggedIn } from './devices.ts';
import { type KeyUse, Prompts, type Purpose } from './prompts.ts';

/** The daemon's security keys: what is plugged in, and what people are asked to do with it. */
export interface SecurityKeys {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
  readonly devices: Devices;
  readonly prompts: Prompts;
  /** Runs something that needs security keys; `connection` ends it, and `withinMs` bounds all of its prompts together. */
  run<T>(
    purpose: Purpose,
    connection: AbortSignal | undefined,
    work: (use: KeyUse) => Promise<T>,
    withinMs?: number,
  ): Promise<T>;
}

export function createSecurityKeys(ports: Ports, emit: (event: DaemonEvent) => void): SecurityKeys {
  const { clock, random, log, hid } = ports;
  const prompts = new Prompts({ clock, random, emit });
  return {
    ports: { clock, random, log },
    devices: new Devices({ hid, clock, log, emit }),
    prompts,
    run: (purpose, connection, work, withinMs) => prompts.run(purpose, connection, work, withinMs),
  };
}

/** The device of this id, or without one the only one of the kind; with none, waits for one to be plugged in, unless it shall not (`NotFound`). */
export async function pickDevice(
  { devices }: SecurityKeys,
  use: KeyUse,
  { id, kind, wait = true }: { id: string | undefined; kind?: PluggedIn['kind']; wait?: boolean },
): Promise<PluggedIn> {
  const fits = (device: PluggedIn): boolean =>
    id === undefined ? kind === undefined || device.kind === kind : device.id === id;
  let found = (await devices.list()).filter(fits);
  if (found.length === 0 && id !== undefined) throw gone();
  if (found.length === 0 && !wait) {
    throw new KeyholdError('NotFound', 'No security key is plugged in. Plug one in and try again.');
  }
  if (found.length === 0) {
    use.ask('insert', [], 'Plug in your security key.');
    found = (await use.orGivenUp(devices.waitFor((all) => all.some(fits), use.signal))).filter(fits);
    use.asked();
  }
  const [device, ...others] = ofOneKey(found);
  if (device === undefined) throw gone();
  if (id !== undefined && kind !== undefined && device.kind !== kind) {
    throw new KeyholdError(
      'InvalidInput',
      `${device.name} was named by its ${device.kind === 'otp' ? 'one-time-password' : 'FIDO'} interface. Name the other one.`,
    );
  }
  if (others.length > 0) throw severalDevices(found);
  return device;
}

/** A key that speaks both protocols is two devices to the system: where it is the only one, its FIDO interface stands for it. */
function ofOneKey(devices: readonly PluggedIn[]): readonly PluggedIn[] {
  const [first, second, ...more] = devices;
  if (first === undefined || second === undefined || more.length > 0 || first.kind === second.kind) return devices;
  const model = ({ vendorId, productId, serialNumber }: PluggedIn) => `${vendorId} ${productId} ${serialNumber}`;
  if (model(first) !== model(second)) return devices;
  return [first.kind === 'fido' ? first : second];
}

export function severalDevices(devices: readonly PluggedIn[]): KeyholdError {
  const mixed = devices.some(({ kind }) => kind !== devices[0]?.kind);
  const protocol = ({ kind }: PluggedIn) => (mixed ? (kind === 'fido' ? ', FIDO' : ', challenge-response') : '');
  const names = devices.map((device) => `${device.name} (${device.id}${protocol(device)})`).join(', ');
  return new KeyholdError('InvalidInput', `Several security keys are plugged in. Name one of them: ${names}.`, {
    devices: devices.map(({ id, name }) => ({ id, name })),
  });
}

/** The device that was named is not there. */
export function gone(): KeyholdError {
  return new KeyholdError('DeviceGone', 'This security key is not plugged in any more. Plug it in and try again.');
}
