import { KeyholdError } from '../../contract/errors.ts';
import { equal } from '../crypto/equal.ts';
import type { SlotRow } from '../hsm/protocol.ts';
import { credentialBytes } from '../security-keys/credential-id.ts';
import type { Things } from '../things.ts';
import { isRecoveryCode } from '../vault/slot-descriptor.ts';
import { type GateKey, touchableKeys } from './enrolled-keys.ts';
import { allGated } from './gated-things.ts';

/*
 * A gate changes by a touch of a security key that opens it, or by the recovery code: something has to be left. All of this is of use once GATED_KINDS have been read, and throws
 * `InUse`, saying what to do first.
 */

/** Before these credentials are lost for good, where something has a gate that nothing else opens. */
export function refuseLastKey(things: Things, lost: readonly Uint8Array[], device: string): void {
  const names = openedOnlyBy(things, ({ record }) => lost.some((one) => equal(one, credentialBytes(record))));
  if (names.length === 0) return;
  throw inUse(
    names,
    `Only ${device} opens the gates of ${names.join(', ')}. Let another security key open them, or remove the gates, first.`,
  );
}

/** Before a security key is forgotten, where there is no recovery code to change afterwards what it alone opens. */
export function refuseKeyWithoutCode(
  things: Things,
  slots: readonly SlotRow[],
  { id, name }: { id: string; name: string },
): void {
  if (slots.some(({ descriptor }) => isRecoveryCode(descriptor))) return;
  const names = openedOnlyBy(things, ({ record }) => record.id === id);
  if (names.length === 0) return;
  throw inUse(
    names,
    `Only ${name} opens the gates of ${names.join(', ')}, and there is no recovery code to change them with. Make one, let another security key open them, or remove the gates, first.`,
  );
}

/** Before the last recovery code is removed, where something has a gate that no security key opens any more. */
export function refuseCodeWithoutKey(things: Things): void {
  const names = gateKeepers(things).flatMap(({ name, keys }) => (keys.length === 0 ? [name] : []));
  if (names.length === 0) return;
  throw inUse(
    names,
    `No security key opens the gates of ${names.join(', ')} any more, and this is the last recovery code to change them with. Let another security key open them, or remove the gates, first.`,
  );
}

function openedOnlyBy(things: Things, goes: (key: GateKey) => boolean): string[] {
  return gateKeepers(things).flatMap(({ name, keys }) => (keys.length > 0 && keys.every(goes) ? [name] : []));
}

/** What has a gate, with the keys that open it. */
function gateKeepers(things: Things): { name: string; keys: GateKey[] }[] {
  const enrolled = touchableKeys(things);
  return allGated(things).map(({ name, gate }) => ({
    name,
    keys: enrolled.filter(({ object }) => gate?.keys === 'any' || gate?.keys.includes(object) === true),
  }));
}

function inUse(dependents: string[], message: string): KeyholdError {
  return new KeyholdError('InUse', message, { dependents });
}
