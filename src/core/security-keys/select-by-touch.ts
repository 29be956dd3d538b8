import { KeyholdError } from '../../contract/errors.ts';
import { selectAuthenticator } from '../fido/select-authenticator.ts';
import type { PluggedIn } from './devices.ts';
import { withFidoKey } from './fido-key.ts';
import type { KeyUse } from './prompts.ts';
import { type SecurityKeys, severalDevices } from './security-keys.ts';

/** The one of several devices that the person touches; the others stop waiting. Throws where one of them cannot be asked so: then the person names it. */
export async function selectByTouch(
  keys: SecurityKeys,
  use: KeyUse,
  devices: readonly PluggedIn[],
): Promise<PluggedIn> {
  const others = new AbortController();
  const signal = AbortSignal.any([use.signal, others.signal]);
  use.ask('select', devices, `Touch the security key that you want to use: ${names(devices)}.`);
  const waiting = devices.map(async (device) => {
    await withFidoKey(keys, { ...use, signal }, device, async ({ channel, info }) => {
      // A U2F key is in no slot, and cannot be asked for a touch that means nothing.
      if (info === null) throw severalDevices(devices);
      await selectAuthenticator(channel, info, { signal });
    });
    return device;
  });
  try {
    return await Promise.any(waiting);
  } catch (error) {
    use.signal.throwIfAborted();
    throw worst(error) ?? error;
  } finally {
    others.abort(new KeyholdError('Cancelled', 'Another security key was touched.'));
    await Promise.allSettled(waiting);
    use.asked();
  }
}

/** Of why none was chosen, what says most. */
function worst(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  const errors: readonly unknown[] = error.errors;
  return errors.find((one) => one instanceof KeyholdError && one.code === 'InvalidInput') ?? errors[0];
}

function names(devices: readonly PluggedIn[]): string {
  return devices.map(({ name }) => name).join(' or ');
}
