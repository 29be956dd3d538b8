import { KeyholdError } from '../../contract/errors.ts';
import type { HidConnection } from '../ports.ts';
import type { PluggedIn } from './devices.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** Opens a device for one thing. Whatever fails, the opening too, names the device in its details, so that a PIN can be asked for and given to this one. */
export async function withDevice<T>(
  keys: SecurityKeys,
  { purpose, signal }: KeyUse,
  device: PluggedIn,
  work: (connection: HidConnection) => Promise<T>,
): Promise<T> {
  try {
    return await keys.devices.use(device, signal, work);
  } catch (error) {
    if (!(error instanceof KeyholdError)) throw error;
    const details = { ...error.details, device: device.id, name: device.name, purpose };
    throw new KeyholdError(error.code, error.message, details, { cause: error });
  }
}
