import { KeyholdError } from '../contract/errors.ts';
import { copyOf } from './import/credential-values.ts';

/**
 * The bytes a password slot takes: UTF-8 in Unicode NFC, so that the same password typed on another keyboard opens the vault
 * (docs/format.md, "Slots"). The caller still owns `bytes` and wipes both.
 */
export function normalizePassword(bytes: Uint8Array): Uint8Array {
  if (bytes.every((byte) => byte < 0x80)) return copyOf(bytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return new TextEncoder().encode(text.normalize('NFC'));
  } catch (cause) {
    throw new KeyholdError('InvalidInput', 'The password is not valid UTF-8 text.', undefined, { cause });
  }
}
