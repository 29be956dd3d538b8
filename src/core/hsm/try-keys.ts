import { argon2id } from '../crypto/kdf.ts';
import { wipe } from '../crypto/wipe.ts';
import { fido2Output } from './fido2-output.ts';
import type { SlotRow } from './protocol.ts';
import { isArgon, readSlot, unwrapSlot } from './slot.ts';
import type { SlotFactor } from './slot-factors.ts';
import type { TokenState } from './state.ts';
import type { OpenedSlot, SlotWitness } from './try-slots.ts';
import type { OpenedFactor } from './way-in.ts';

/** What the one slot that is named wraps, if it asks for exactly these factors and each of them is right. Spends one Argon2id where a password is among them. */
export async function tryKeys(
  state: TokenState,
  rows: readonly SlotRow[],
  given: { slot: string; factors: readonly OpenedFactor[] },
  vaultId: Uint8Array,
  witness?: SlotWitness,
): Promise<OpenedSlot | null> {
  for (const [index, row] of rows.entries()) {
    const reading = readSlot(row.descriptor);
    if (!reading.usable || reading.id !== given.slot || reading.factors.every(isArgon)) continue;
    const outputs = await outputsOf(state, reading.factors, given.factors);
    try {
      const rootKey = outputs === null ? null : unwrapSlot(row, vaultId, outputs);
      if (rootKey === null || outputs === null) continue;
      witness?.({ slot: index, row, rootKey, outputs });
      return { slot: index, rootKey };
    } finally {
      wipe(...(outputs ?? []));
    }
  }
  return null;
}

/** In the order of the slot; null where one is missing, too many or wrong. The password is derived whatever the others are: the time says nothing of which was wrong. */
async function outputsOf(
  state: TokenState,
  factors: readonly SlotFactor[],
  given: readonly OpenedFactor[],
): Promise<Uint8Array[] | null> {
  const outputs: Uint8Array[] = [];
  let complete = false;
  try {
    for (const factor of factors) {
      const one = given.find((other) => other.factor === factor.type);
      const output = one === undefined ? null : await outputOf(state, factor, one);
      if (output !== null) outputs.push(output);
    }
    complete = outputs.length === factors.length && given.length === factors.length;
    return complete ? outputs : null;
  } finally {
    if (!complete) wipe(...outputs);
  }
}

async function outputOf(state: TokenState, factor: SlotFactor, given: OpenedFactor): Promise<Uint8Array | null> {
  if (factor.type === 'fido2') return given.factor === 'fido2' ? fido2Output(state, factor, given) : null;
  if (factor.type === 'yubikey-hmac-sha1') {
    return given.factor === 'yubikey-hmac-sha1' ? Uint8Array.from(given.response) : null;
  }
  return given.factor === 'password' ? argon2id(given.secret, factor.salt, factor.cost) : null;
}
