import { KeyholdError } from '../../contract/errors.ts';
import { ARGON2_FLOOR, ARGON2_SALT_BYTES, argon2id } from '../crypto/kdf.ts';
import { wipe } from '../crypto/wipe.ts';
import { afterAttempt, requireAttemptAllowed } from './attempts.ts';
import type { SlotRow } from './protocol.ts';
import { isArgon, readSlot, unwrapSlot } from './slot.ts';
import type { ArgonFactor, Factor } from './slot-factors.ts';
import type { TokenState } from './state.ts';
import { tryKeys } from './try-keys.ts';
import type { OpenedWayIn } from './way-in.ts';

export interface OpenedSlot {
  /** Index into the rows. */
  slot: number;
  /** Owned by the caller. */
  rootKey: Uint8Array;
}

/** Hears of every slot that opens, with what its factors answered; both are wiped afterwards. */
export type SlotWitness = (opened: { slot: number; row: SlotRow; rootKey: Uint8Array; outputs: Uint8Array[] }) => void;

/**
 * Tries what somebody gives: a secret on every slot that takes exactly its factor, without an early exit; a security key on the slot that it is for. Call it exclusively.
 * Null when none opens; `VaultTampered` when none opens and a slot's Argon2id parameters are out of bounds;
 * `TooManyAttempts` before anything is derived.
 */
export async function trySlots(
  state: TokenState,
  rows: readonly SlotRow[],
  vaultId: Uint8Array,
  given: OpenedWayIn,
  witness?: SlotWitness,
): Promise<OpenedSlot | null> {
  const { clock } = state.ports;
  requireAttemptAllowed(state.attempts, clock);
  if (given.factor === 'security-key') {
    const opened = await tryKeys(state, rows, given, vaultId, witness);
    state.attempts = afterAttempt(state.attempts, clock, opened !== null);
    return opened;
  }
  return trySecret(state, rows, vaultId, given, witness);
}

async function trySecret(
  state: TokenState,
  rows: readonly SlotRow[],
  vaultId: Uint8Array,
  { factor, secret }: { factor: Factor; secret: Uint8Array },
  witness: SlotWitness | undefined,
): Promise<OpenedSlot | null> {
  const { clock } = state.ports;
  const candidates: { slot: number; row: SlotRow; factor: ArgonFactor }[] = [];
  const outOfBounds: number[] = [];
  for (const [slot, row] of rows.entries()) {
    const reading = readSlot(row.descriptor);
    if (!reading.usable) {
      if (reading.outOfBounds) outOfBounds.push(slot);
      continue;
    }
    const [only, ...others] = reading.factors;
    if (only === undefined || others.length > 0 || !isArgon(only) || only.type !== factor) continue;
    candidates.push({ slot, row, factor: only });
  }

  let opened: OpenedSlot | null = null;
  for (const candidate of candidates) {
    const rootKey = await openCandidate(candidate, vaultId, secret, witness);
    if (rootKey === null) continue;
    if (opened === null) opened = { slot: candidate.slot, rootKey };
    else wipe(rootKey);
  }
  // A vault without such a slot must answer as slowly as one with it.
  if (candidates.length === 0) wipe(await argon2id(secret, state.ports.random.bytes(ARGON2_SALT_BYTES), ARGON2_FLOOR));

  state.attempts = afterAttempt(state.attempts, clock, opened !== null);
  if (opened === null && outOfBounds.length > 0) {
    throw new KeyholdError(
      'VaultTampered',
      'The password parameters of this vault were changed to values Keyhold never writes. Restore a backup.',
      { findings: outOfBounds.map((slot) => ({ where: `slot ${slot}`, what: 'edited' })) },
    );
  }
  return opened;
}

/** The root key that a slot of exactly one factor wraps, if this secret opens it. Spends one Argon2id. */
async function openCandidate(
  { slot, row, factor }: { slot: number; row: SlotRow; factor: ArgonFactor },
  vaultId: Uint8Array,
  secret: Uint8Array,
  witness: SlotWitness | undefined,
): Promise<Uint8Array | null> {
  const output = await argon2id(secret, factor.salt, factor.cost);
  try {
    const rootKey = unwrapSlot(row, vaultId, [output]);
    if (rootKey !== null) witness?.({ slot, row, rootKey, outputs: [output] });
    return rootKey;
  } finally {
    wipe(output);
  }
}
