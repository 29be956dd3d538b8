import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { trySlots } from '../try-slots.ts';
import { slotRowsOf } from '../vault-input.ts';
import { openWayIn, wipeWayIn } from '../way-in.ts';

export function checkSecret(state: TokenState, input: unknown): Promise<HsmOutput<'checkSecret'>> {
  const fields = fieldsOf(input, 'input', ['secret', 'slots']);
  return ownersSlot(state, fields['secret'], fields['slots']);
}

/** Which of the slots this secret opens, if what they hold is the root key in use. */
export async function ownersSlot(state: TokenState, given: unknown, rows: unknown): Promise<HsmOutput<'checkSecret'>> {
  const slots = slotRowsOf(rows, 'slots');
  const keys = workingKeys(state);
  const opening = await openWayIn(state, given);
  return state
    .exclusively(async () => {
      const opened = await trySlots(state, slots, keys.vaultId, opening);
      if (opened === null) return { slot: null };
      const ours = equal(opened.rootKey, keys.rootKey);
      wipe(opened.rootKey);
      return { slot: ours ? opened.slot : null };
    })
    .finally(() => wipeWayIn(opening));
}
