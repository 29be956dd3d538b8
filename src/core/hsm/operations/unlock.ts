import { KeyholdError } from '../../../contract/errors.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { booleanOf, fieldsOf } from '../input.ts';
import { headMac } from '../manifest.ts';
import type { HsmOutput } from '../protocol.ts';
import { requireNoVault, type TokenState } from '../state.ts';
import { trySlots } from '../try-slots.ts';
import { headOf, storedMacOf, vaultIdOf } from '../vault-input.ts';
import { manifestKey, openVaultKeys } from '../vault-keys.ts';
import { openWayIn, wipeWayIn } from '../way-in.ts';
import { awaitUsers } from './open-users.ts';

export async function unlock(state: TokenState, input: unknown): Promise<HsmOutput<'unlock'>> {
  const fields = fieldsOf(input, 'input', ['vaultId', 'secret', 'head', 'headMac', 'inspect']);
  const vaultId = vaultIdOf(fields['vaultId']);
  const head = headOf(fields['head']);
  const storedMac = storedMacOf(fields['headMac'], 'headMac');
  const inspect = fields['inspect'] === undefined ? false : booleanOf(fields['inspect'], 'inspect');
  requireNoVault(state);
  const given = await openWayIn(state, fields['secret']);
  return state
    .exclusively(async () => {
      requireNoVault(state);
      const opened = await trySlots(state, head.slots, vaultId, given);
      if (opened === null) throw wrongSecret();
      const { slot, rootKey } = opened;
      try {
        const headOk = equal(headMac(manifestKey(rootKey, vaultId), vaultId, head), storedMac);
        if (!headOk && !inspect) {
          throw new KeyholdError(
            'VaultTampered',
            'The vault file was changed outside Keyhold. Run `keyhold vault check`, then restore a backup.',
            { findings: [{ where: 'head', what: 'edited' }] },
          );
        }
        state.keys = openVaultKeys(new Uint8Array(rootKey), vaultId, head.keks, !headOk);
        state.inspecting = !headOk;
        if (headOk) awaitUsers(state, head);
        return { slot, headOk };
      } finally {
        wipe(rootKey);
      }
    })
    .finally(() => wipeWayIn(given));
}

function wrongSecret(): KeyholdError {
  return new KeyholdError('WrongSecret', 'That does not open this vault. Check it and try again.');
}
