import { KeyholdError } from '../../contract/errors.ts';
import type { Gate as NamedGate } from '../../contract/schemas.ts';
import type { Gate } from '../hsm/protocol.ts';
import type { Things } from '../things.ts';
import { touchableKeys } from './enrolled-keys.ts';

/** A gate as the HSM knows it, of one with names. Throws `NotFound`, `InvalidInput`. Of use once the kind `securityKey` has been read. */
export function gateByNames(things: Things, { withinSeconds, keys: names }: NamedGate): Gate {
  const keys = names === 'any' ? names : names.map((name) => objectOf(things, name));
  if (touchableKeys(things).length === 0) {
    throw new KeyholdError('NotFound', 'No security key is enrolled that a touch is enough for. Enrol one first.');
  }
  if (keys !== 'any' && new Set(keys).size !== keys.length) {
    throw new KeyholdError('InvalidInput', 'keys: name each security key once.');
  }
  return { withinSeconds, keys };
}

function objectOf(things: Things, name: string): string {
  const { value } = things.byName('securityKey', name);
  if (value.alwaysPin === true) {
    throw new KeyholdError(
      'InvalidInput',
      `keys: ${value.name} does nothing without its PIN (alwaysUv), which no gate can ask for. Name another key, or set it so that a touch is enough and enrol it again.`,
    );
  }
  if (value.object !== undefined) return value.object.id;
  throw new KeyholdError('InvalidInput', `keys: ${value.name} was enrolled for unlocking alone. Enrol it once more.`);
}
