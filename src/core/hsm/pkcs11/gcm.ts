import { KeyholdError } from '../../../contract/errors.ts';
import { concat } from '../../crypto/bytes.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { Random } from '../../ports.ts';
import { isCkr, isVague, undecryptable } from './ckr.ts';
import { type Handle, type Mechanism, ownCopy } from './cryptoki.ts';
import type { LoggedIn } from './state.ts';

export const IV_BYTES = 12;
export const TAG_BYTES = 16;

type GcmToken = Pick<LoggedIn, 'cryptoki' | 'module' | 'choosesIv'>;

/**
 * CKM_AES_GCM: IV (12) || encrypted || tag (16). A token that chooses its own IV (AWS CloudHSM) wants zeros in its place and writes it over them; whatever is
 * there after the call is the IV that was used.
 */
export async function gcmEncrypt(
  token: GcmToken,
  session: Handle,
  key: Handle,
  random: Random,
  { aad, plaintext }: { aad: Uint8Array; plaintext: Uint8Array },
): Promise<Uint8Array> {
  const iv = ownCopy(token.choosesIv ? new Uint8Array(IV_BYTES) : random.bytes(IV_BYTES));
  const aadCopy = ownCopy(aad);
  const input = ownCopy(plaintext);
  const output = Buffer.alloc(plaintext.length + TAG_BYTES);
  try {
    token.module.C_EncryptInit(session, mechanism(token, iv, aadCopy), key);
    const encrypted = await token.module.C_EncryptAsync(session, input, output);
    if (encrypted.length !== output.length)
      throw new KeyholdError('HsmRefused', 'The token gave an AES-GCM ciphertext of a wrong length.');
    if (iv.every((byte) => byte === 0)) {
      throw new KeyholdError(
        'HsmRefused',
        'The token encrypted without saying with which IV, so nobody could decrypt it.',
      );
    }
    return concat(iv, encrypted);
  } finally {
    wipe(input, aadCopy);
  }
}

/** `InvalidCiphertext` for whatever `gcmEncrypt` did not make with this key and AAD. */
export async function gcmDecrypt(
  token: GcmToken,
  session: Handle,
  key: Handle,
  { aad, ciphertext }: { aad: Uint8Array; ciphertext: Uint8Array },
): Promise<Uint8Array> {
  const iv = ownCopy(ciphertext.subarray(0, IV_BYTES));
  const aadCopy = ownCopy(aad);
  const input = ownCopy(ciphertext.subarray(IV_BYTES));
  const output = Buffer.alloc(input.length);
  try {
    token.module.C_DecryptInit(session, mechanism(token, iv, aadCopy), key);
    const plaintext = await refusedAsInvalid(() => token.module.C_DecryptAsync(session, input, output));
    if (plaintext.length !== input.length - TAG_BYTES) throw undecryptable();
    return new Uint8Array(plaintext);
  } finally {
    wipe(input, aadCopy, output, iv);
  }
}

/** Runs the decryption itself; what a token says of a ciphertext that does not fit becomes `InvalidCiphertext`. */
export async function refusedAsInvalid<T>(decrypt: () => Promise<T>): Promise<T> {
  try {
    return await decrypt();
  } catch (error) {
    // SoftHSM2 and others are vague about it. Whether the token is well is for the session to find out.
    if (isCkr(error, ...NOT_DECRYPTED) || isVague(error)) throw undecryptable(error);
    throw error;
  }
}

const NOT_DECRYPTED = [
  'CKR_ENCRYPTED_DATA_INVALID',
  'CKR_ENCRYPTED_DATA_LEN_RANGE',
  'CKR_DATA_INVALID',
  'CKR_DATA_LEN_RANGE',
  // CKR_AEAD_DECRYPT_FAILED of PKCS#11 v3.0
  'CKR_0x35',
];

function mechanism({ cryptoki: c }: GcmToken, iv: Buffer, aad: Buffer): Mechanism {
  const parameter = { type: c.CK_PARAMS_AES_GCM_v240, iv, ivBits: IV_BYTES * 8, aad, tagBits: TAG_BYTES * 8 };
  return { mechanism: c.CKM_AES_GCM, parameter };
}
