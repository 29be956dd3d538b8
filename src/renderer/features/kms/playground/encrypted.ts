import type { KmsKeySummary } from '../../../../contract/kms.ts';
import type { Place } from '../kms.ts';
import type { DecryptDraft, EncryptDraft } from './draft.ts';

/** What was encrypted, and how. */
export interface Encrypted {
  ciphertext: string;
  key: Pick<KmsKeySummary, 'id'>;
  place: Place;
  /** Undefined for a symmetric key. */
  algorithm: string | undefined;
  draft: EncryptDraft;
}

/** Whether it is of what stands in the form now. */
export function isOfForm(
  { key, place, draft }: Encrypted,
  form: { key: Pick<KmsKeySummary, 'id'>; place: Place; draft: EncryptDraft },
): boolean {
  return (
    key.id === form.key.id &&
    place.account === form.place.account &&
    place.region === form.place.region &&
    draft === form.draft
  );
}

/** The question that leads back to the plaintext, however the form above was changed since. */
export function decryptDraftOf({ ciphertext, key, algorithm, draft }: Encrypted): DecryptDraft {
  return {
    key: algorithm === undefined ? null : key.id,
    algorithm: draft.algorithm,
    ciphertext,
    context: algorithm === undefined ? draft.context : [],
  };
}
