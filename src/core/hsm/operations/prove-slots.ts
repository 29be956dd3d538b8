import { KeyholdError } from '../../../contract/errors.ts';
import { toHex } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, matchOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type ProvedSlot, provedSlot } from '../slot.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { trySlots } from '../try-slots.ts';
import { slotRowsOf } from '../vault-input.ts';
import { openWayIn, wipeWayIn } from '../way-in.ts';

export const MOST_PROOFS = 64;
const TICKET_BYTES = 16;
/** Whoever proves several ways in types, plugs in and touches one after the other. */
const PROOF_MS = 10 * 60_000;

export async function proveSlots(state: TokenState, input: unknown): Promise<HsmOutput<'proveSlots'>> {
  const fields = fieldsOf(input, 'input', ['secret', 'slots']);
  const rows = slotRowsOf(fields['slots'], 'slots');
  const keys = workingKeys(state);
  const opening = await openWayIn(state, fields['secret']);
  return state
    .exclusively(async () => {
      const slots: number[] = [];
      const proved: ProvedSlot[] = [];
      const opened = await trySlots(state, rows, keys.vaultId, opening, ({ slot, row, rootKey, outputs }) => {
        if (!equal(rootKey, keys.rootKey)) return;
        slots.push(slot);
        proved.push(provedSlot(row, keys.vaultId, outputs));
      });
      wipe(opened?.rootKey);
      return { slots, ticket: proved.length === 0 ? null : keep(state, proved) };
    })
    .finally(() => wipeWayIn(opening));
}

function keep({ proofs, ports }: TokenState, slots: ProvedSlot[]): string {
  forgetOver(proofs, ports.clock);
  for (const ticket of proofs.keys()) if (proofs.size >= MOST_PROOFS) proofs.delete(ticket);
  const ticket = toHex(ports.random.bytes(TICKET_BYTES));
  proofs.set(ticket, {
    slots,
    until: ports.clock.monotonic() + PROOF_MS,
    untilByWall: ports.clock.now() + PROOF_MS,
  });
  return ticket;
}

/** By either clock: the monotonic one stands still while the machine sleeps, and the other can be set back. */
function forgetOver(proofs: TokenState['proofs'], clock: TokenState['ports']['clock']): void {
  const [monotonic, wall] = [clock.monotonic(), clock.now()];
  for (const [ticket, { until, untilByWall }] of proofs) {
    if (until <= monotonic || untilByWall <= wall) proofs.delete(ticket);
  }
}

export function ticketOf(value: unknown, name: string): string {
  return matchOf(value, name, /^[0-9a-f]{32}$/, '32 lower-case hex digits');
}

/** What these tickets stand for. Throws `InvalidInput` when one of them is over. */
export function provedBy({ proofs, ports }: TokenState, tickets: readonly string[]): ProvedSlot[] {
  // Now, not when the next one is proved: a slot's key is not kept for longer than somebody may use it.
  forgetOver(proofs, ports.clock);
  return tickets.flatMap((ticket) => {
    const proof = proofs.get(ticket);
    if (proof !== undefined) return proof.slots;
    throw new KeyholdError(
      'InvalidInput',
      'A way in was proved too long ago; no key was changed. Prove all of them again.',
    );
  });
}
