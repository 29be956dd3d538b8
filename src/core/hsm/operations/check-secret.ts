import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { openFactorSecret } from '../secret-input.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { trySlots } from '../try-slots.ts';
import { slotRowsOf } from '../vault-input.ts';

export async function checkSecret(state: TokenState, input: unknown): Promise<HsmOutput<'checkSecret'>> {
  const fields = fieldsOf(input, 'input', ['secret', 'slots']);
  const slots = slotRowsOf(fields['slots'], 'slots');
  const keys = workingKeys(state);
  const { factor, secret } = await openFactorSecret(state, fields['secret']);
  return state
    .exclusively(async () => {
      const opened = await trySlots(state, slots, factor, keys.vaultId, secret);
      if (opened === null) return { slot: null };
      const ours = equal(opened.rootKey, keys.rootKey);
      wipe(opened.rootKey);
      return { slot: ours ? opened.slot : null };
    })
    .finally(() => wipe(secret));
}
