import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { useGone } from '../../lib/use-gone.ts';
import { notify } from '../../ui/toast-store.ts';
import { kmsCall } from './kms.ts';
import { placeOf, policyKey, refreshKms } from './kms-queries.ts';
import { endPolicyDraft } from './policy-drafts.ts';
import { takeBack } from './take-back.ts';

/** Puts `text` in the place of `before`. What becomes of it is told, and the draft ended, on whatever tab or screen one is by then. */
export function useSavePolicy(key: KmsKeySummary) {
  const queries = useQueryClient();
  const gone = useGone();
  const put = (Policy: string) => kmsCall(placeOf(key), 'PutKeyPolicy', { KeyId: key.keyId, Policy });
  return useMutation<unknown, Error, { text: string; before: string }>({
    mutationFn: ({ text }) => put(text),
    onSuccess: (_, { text, before }) => {
      // First this, so that the editor never falls back to what was in force before; and nothing where the page has forgotten the vault.
      queries.setQueryData<string>(policyKey(key), (known) => (known === undefined ? undefined : text));
      endPolicyDraft(key.id, text);
      notify({
        message: 'The key policy is in force.',
        action: { label: 'Undo', run: () => void takeBack(queries, () => put(before)) },
      });
      return refreshKms(queries);
    },
    onError: (error) => {
      if (gone.current) notify({ message: asWireError(error).message, tone: 'error' });
    },
  });
}
