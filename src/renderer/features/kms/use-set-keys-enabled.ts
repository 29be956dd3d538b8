import { useQueryClient } from '@tanstack/react-query';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { plural } from '../../lib/format.ts';
import { notify } from '../../ui/toast-store.ts';
import { keyTitle } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, refreshKms } from './kms-queries.ts';

/** Enables or disables keys that are the other way now, and offers to undo it. */
export function useSetKeysEnabled(): (keys: readonly KmsKeySummary[], enabled: boolean) => Promise<void> {
  const queries = useQueryClient();
  const set = async (keys: readonly KmsKeySummary[], enabled: boolean, undoable: boolean): Promise<void> => {
    const before = enabled ? 'Disabled' : 'Enabled';
    const changed = keys.filter((key) => key.state === before);
    const what =
      changed.length === 1 && changed[0] !== undefined ? `“${keyTitle(changed[0])}”` : plural(changed.length, 'key');
    try {
      for (const key of changed) {
        await kmsCall(placeOf(key), enabled ? 'EnableKey' : 'DisableKey', { KeyId: key.keyId });
      }
      notify({
        message:
          changed.length === 0
            ? `No key here is ${before.toLowerCase()}.`
            : `${enabled ? 'Enabled' : 'Disabled'} ${what}.`,
        ...(undoable && changed.length > 0
          ? {
              action: {
                label: 'Undo',
                run: () =>
                  void set(
                    changed.map((key) => ({ ...key, state: enabled ? 'Enabled' : 'Disabled' })),
                    !enabled,
                    false,
                  ),
              },
            }
          : {}),
      });
    } catch (error) {
      notify({ message: asWireError(error).message, tone: 'error' });
    } finally {
      await refreshKms(queries);
    }
  };
  return (keys, enabled) => set(keys, enabled, true);
}
