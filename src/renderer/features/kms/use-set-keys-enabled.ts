import { useQueryClient } from '@tanstack/react-query';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { plural } from '../../lib/format.ts';
import { setMany } from '../shell/set-many.ts';
import { keyTitle } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, refreshKms } from './kms-queries.ts';

/** Enables or disables keys that are the other way now, and offers to undo it. */
export function useSetKeysEnabled(): (keys: readonly KmsKeySummary[], enabled: boolean) => Promise<void> {
  const queries = useQueryClient();
  const set = async (keys: readonly KmsKeySummary[], enabled: boolean, undoable: boolean): Promise<void> => {
    const before = enabled ? 'Disabled' : 'Enabled';
    const after = enabled ? 'Enabled' : 'Disabled';
    const changed = keys.filter((key) => key.state === before);
    const [only] = changed;
    await setMany(
      changed,
      {
        doing: enabled ? 'Enabling' : 'Disabling',
        done: after,
        what: changed.length === 1 && only !== undefined ? `“${keyTitle(only)}”` : plural(changed.length, 'key'),
        none: `No key here is ${before.toLowerCase()}.`,
        nameOf: keyTitle,
      },
      (key) => kmsCall(placeOf(key), enabled ? 'EnableKey' : 'DisableKey', { KeyId: key.keyId }),
      undoable
        ? (done) =>
            void set(
              done.map((key) => ({ ...key, state: after })),
              !enabled,
              false,
            )
        : undefined,
    );
    await refreshKms(queries);
  };
  return (keys, enabled) => set(keys, enabled, true);
}
