import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { onForget } from '../../../lib/list-state.ts';
import { createStore } from '../../../lib/store.ts';
import type { ContextRow } from '../context-rows.tsx';
import { goToPlace } from '../place.ts';
import type { Form } from './bytes.ts';

export interface EncryptDraft {
  /** Record id; null until one is chosen. */
  key: string | null;
  algorithm: string;
  plaintext: string;
  form: Form;
  context: ContextRow[];
}

export interface DecryptDraft {
  /** Record id; null: the ciphertext says which. */
  key: string | null;
  algorithm: string;
  ciphertext: string;
  context: ContextRow[];
}

const FIRST_ENCRYPT: EncryptDraft = {
  key: null,
  algorithm: 'RSAES_OAEP_SHA_256',
  plaintext: '',
  form: 'text',
  context: [],
};
const FIRST_DECRYPT: DecryptDraft = { key: null, algorithm: 'RSAES_OAEP_SHA_256', ciphertext: '', context: [] };

/** What stands in the forms, kept while other screens are shown and forgotten with the lock. */
export const encryptStore = createStore<EncryptDraft>(FIRST_ENCRYPT);
export const decryptStore = createStore<DecryptDraft>(FIRST_DECRYPT);
onForget(() => {
  encryptStore.set(FIRST_ENCRYPT);
  decryptStore.set(FIRST_DECRYPT);
});

/** Brings a key into the forms, from its own screen. */
export function tryKey(key: KmsKeySummary): void {
  goToPlace({ account: key.account, region: key.region });
  encryptStore.set((draft) => ({ ...draft, key: key.id }));
  decryptStore.set((draft) => ({ ...draft, key: key.spec === 'SYMMETRIC_DEFAULT' ? null : key.id }));
}
