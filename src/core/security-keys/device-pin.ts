import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { changePin, setPin } from '../fido/client-pin.ts';
import type { Hsm } from '../hsm/protocol.ts';
import type { PluggedIn } from './devices.ts';
import { requireFido2, withFidoKey } from './fido-key.ts';
import { beginPinUv, endPinUv } from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** Gives the device its first PIN, or with `current` another one. `PinWrong` says how many tries are left. */
export async function giveNewPin(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  { pin, current }: { pin: Sealed; current?: Sealed },
): Promise<void> {
  await withFidoKey(keys, use, device, async (key) => {
    const info = requireFido2(key);
    const isSet = info.options.get('clientPin');
    if (isSet === undefined) {
      throw new KeyholdError('DeviceUnsupported', `${device.name} has no PIN. Use it with a touch alone.`);
    }
    if (!isSet && current !== undefined) {
      throw new KeyholdError('PinNotSet', `${device.name} has no PIN yet. Set one first: keyhold mfa pin.`);
    }
    if (isSet && current === undefined) {
      throw new KeyholdError('AlreadyExists', `${device.name} has a PIN already. Give it too, to change it.`);
    }
    const { handle, protocol, platformKey } = await beginPinUv(hsm, key, info, use);
    try {
      const enciphered = await hsm.call('pinUvNewPin', {
        ...{ handle, pin },
        ...(current === undefined ? {} : { current }),
      });
      const { newPinEnc, pinUvAuthParam, pinHashEnc } = enciphered;
      const request = { protocol, platformKey, newPinEnc, pinUvAuthParam };
      const options = { signal: use.signal };
      if (pinHashEnc === null) await setPin(key.channel, request, options);
      else await changePin(key.channel, { ...request, pinHashEnc }, options);
    } finally {
      await endPinUv(keys, hsm, handle);
    }
  });
}
