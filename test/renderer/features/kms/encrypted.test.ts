import { expect, test } from 'vitest';
import type { EncryptDraft } from '../../../../src/renderer/features/kms/playground/draft.ts';
import {
  decryptDraftOf,
  type Encrypted,
  isOfForm,
} from '../../../../src/renderer/features/kms/playground/encrypted.ts';

const draft: EncryptDraft = {
  key: null,
  algorithm: 'RSAES_OAEP_SHA_256',
  plaintext: 'hello',
  form: 'text',
  context: [{ id: 1, name: 'job', value: 'nightly' }],
};
const place = { account: 'lab', region: 'eu-central-1' };
const made: Encrypted = { ciphertext: 'AQID', key: { id: 'aes' }, place, algorithm: undefined, draft };

test('a ciphertext is handed over as it was made, whatever key is chosen by now', () => {
  expect(decryptDraftOf(made)).toEqual({
    key: null,
    algorithm: 'RSAES_OAEP_SHA_256',
    ciphertext: 'AQID',
    context: draft.context,
  });
  expect(decryptDraftOf({ ...made, key: { id: 'rsa' }, algorithm: 'RSAES_OAEP_SHA_256' })).toEqual({
    key: 'rsa',
    algorithm: 'RSAES_OAEP_SHA_256',
    ciphertext: 'AQID',
    context: [],
  });
});

test('it is of the form for as long as nothing in that was changed', () => {
  expect(isOfForm(made, { key: { id: 'aes' }, place: { ...place }, draft })).toBe(true);
  expect(isOfForm(made, { key: { id: 'rsa' }, place, draft })).toBe(false);
  expect(isOfForm(made, { key: { id: 'aes' }, place: { ...place, region: 'us-east-1' }, draft })).toBe(false);
  expect(isOfForm(made, { key: { id: 'aes' }, place, draft: { ...draft, plaintext: 'other' } })).toBe(false);
});
