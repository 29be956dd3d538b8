import { KeyholdError } from '../../contract/errors.ts';
import { equal } from '../crypto/equal.ts';
import type { SlotRow } from '../hsm/protocol.ts';
import { credentialBytes } from '../security-keys/credential-id.ts';
import type { Things } from '../things.ts';
import { isRecoveryCode } from '../vault/slot-descriptor.ts';
import { type GateKey, touchableKeys } from './enrolled-keys.ts';
import type { GatedThing } from './gated-things.ts';

/*
 * A gate changes by a touch of a security key that opens it, or by the recovery code: something has to be left. `gated` is everything that has a gate (all-gates.ts). All of this
 * throws `InUse`, saying what to do first.
 */

/** Before these credentials are lost for good, where something has a gate that nothing else opens. */
export function refuseLastKey(
  things: Things,
  gated: readonly GatedThing[],
  { lost, device }: { lost: readonly Uint8Array[]; device: string },
): void {
  const names = openedOnlyBy(things, gated, ({ record }) => lost.some((one) => equal(one, credentialBytes(record))));
  if (names.length === 0) return;
  throw inUse(
    names,
    `Only ${device} opens the gates of ${names.join(', ')}. Let another security key open them, or remove the gates, first.`,
  );
}

/** Before a security key is forgotten, where there is no recovery code to change afterwards what it alone opens. */
export function refuseKeyWithoutCode(
  things: Things,
  gated: readonly GatedThing[],
  slots: readonly SlotRow[],
  { id, name }: { id: string; name: string },
): void {
  if (slots.some(({ descriptor }) => isRecoveryCode(descriptor))) return;
  const names = openedOnlyBy(things, gated, ({ record }) => record.id === id);
  if (names.length === 0) return;
  throw inUse(
    names,
    `Only ${name} opens the gates of ${names.join(', ')}, and there is no recovery code to change them with. Make one, let another security key open them, or remove the gates, first.`,
  );
}

/** Before the last recovery code is removed, where something has a gate that no security key opens any more. */
export function refuseCodeWithoutKey(things: Things, gated: readonly GatedThing[]): void {
  const names = gateKeepers(things, gated).flatMap(({ name, keys }) => (keys.length === 0 ? [name] : []));
  if (names.length === 0) return;
  throw inUse(
    names,
    `No security key opens the gates of ${names.join(', ')} any more, and this is the last recovery code to change them with. Let another security key open them, or remove the gates, first.`,
  );
}

function openedOnlyBy(things: Things, gated: readonly GatedThing[], goes: (key: GateKey) => boolean): string[] {
  return gateKeepers(things, gated).flatMap(({ name, keys }) => (keys.length > 0 && keys.every(goes) ? [name] : []));
}

/** What has a gate, with the keys that open it. */
function gateKeepers(things: Things, gated: readonly GatedThing[]): { name: string; keys: GateKey[] }[] {
  const enrolled = touchableKeys(things);
  const rules = gated.filter(({ kind }) => kind === 'approval');
  const keepers = gated.map((thing) => ({
    name: thing.kind === 'approval' ? `approvals (${thing.name})` : thing.name,
    gates: [thing.gate],
  }));
  // What changes the rules of approvals takes a touch that passes each of them.
  if (rules.length > 1) keepers.push({ name: 'approvals (both)', gates: rules.map(({ gate }) => gate) });
  return keepers.map(({ name, gates }) => ({
    name,
    keys: enrolled.filter(({ object }) =>
      gates.every((gate) => gate?.keys === 'any' || gate?.keys.includes(object) === true),
    ),
  }));
}

function inUse(dependents: string[], message: string): KeyholdError {
  return new KeyholdError('InUse', message, { dependents });
}
