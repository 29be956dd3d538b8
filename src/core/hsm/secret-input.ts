import { KeyholdError } from '../../contract/errors.ts';
import type { ReplyPurpose, SealedReply, SealPurpose } from '../../contract/schemas.ts';
import { fromBase64, toBase64, utf8 } from '../crypto/bytes.ts';
import { HPKE_PUBLIC_KEY_BYTES, sealHpke } from '../crypto/hpke.ts';
import { decodeRecoveryCode } from '../crypto/recovery-code.ts';
import { wipe } from '../crypto/wipe.ts';
import { bytesOf, fieldsOf, invalid, oneOf, textOf } from './input.ts';
import { FACTORS, type Factor } from './slot-factors.ts';
import type { TokenState } from './state.ts';

const LONGEST_BASE64 = 65_536;
const LONGEST_PASSWORD_BYTES = 1024;
const HIGHEST_ASCII = 0x7f;

/**
 * Opens what a caller sealed to this process for one purpose; the plaintext is the caller's to wipe.
 * `StaleSealKey` when it was sealed to an earlier process.
 */
export async function openSealed(
  state: TokenState,
  value: unknown,
  name: string,
  purpose: SealPurpose,
): Promise<Uint8Array> {
  const fields = fieldsOf(value, name, ['sealKeyId', 'enc', 'ciphertext']);
  const sealKeyId = textOf(fields['sealKeyId'], `${name}.sealKeyId`, 0, 128);
  const enc = fromBase64(textOf(fields['enc'], `${name}.enc`, 0, 128));
  const ciphertext = fromBase64(textOf(fields['ciphertext'], `${name}.ciphertext`, 0, LONGEST_BASE64));
  if (enc === null || ciphertext === null) throw invalid(name, 'base64');
  if (sealKeyId !== state.sealKeyId) {
    throw new KeyholdError('StaleSealKey', 'This secret was sealed to a vault process that has ended. Try again.');
  }
  const recipient = await state.recipient;
  const plaintext = await recipient.open({ enc, ciphertext }, utf8(`keyhold/seal/v1/${purpose}`));
  if (plaintext === null) {
    throw new KeyholdError('InvalidInput', `The sealed ${purpose} does not open. Enter it again.`);
  }
  if (ONCE.has(purpose)) takeOnce(state, enc, plaintext);
  return plaintext;
}

/** What a user of the HSM seals for one act passes the daemon, which could keep it for another. */
const ONCE: ReadonlySet<SealPurpose> = new Set<SealPurpose>(['hsm-password', 'hsm-session']);
/** After so many in one process nothing is taken any more: what has been used could not be told. A lock starts a new one. */
const MOST_USED = 100_000;

function takeOnce({ users: { used } }: TokenState, enc: Uint8Array, plaintext: Uint8Array): void {
  const key = toBase64(enc);
  if (!used.has(key) && used.size < MOST_USED) {
    used.add(key);
    return;
  }
  wipe(plaintext);
  throw new KeyholdError('StaleSealKey', 'This was sealed for something else already. Try again.');
}

export interface FactorSecret {
  factor: Factor;
  /** The factor's Argon2id input; the caller wipes it. */
  secret: Uint8Array;
}

export async function openFactorSecret(state: TokenState, value: unknown): Promise<FactorSecret> {
  const fields = fieldsOf(value, 'secret', ['factor', 'sealed']);
  const factor = oneOf(fields['factor'], 'secret.factor', FACTORS);
  if (factor === 'password') return { factor, secret: await openPassword(state, fields['sealed']) };
  const text = await openSealed(state, fields['sealed'], 'secret.sealed', 'recovery-code');
  const secret = decodeRecoveryCode(text);
  wipe(text);
  if (secret === null) {
    throw new KeyholdError(
      'InvalidInput',
      'A recovery code is eight groups of four letters and digits. Check it and type it again.',
    );
  }
  return { factor, secret };
}

/** UTF-8 of the password or passphrase in Unicode NFC, 1 to 1,024 bytes. Turned into a string only when it is not plain ASCII. */
export async function openPassword(
  state: TokenState,
  value: unknown,
  purpose: 'password' | 'hsm-password' | 'passphrase' = 'password',
): Promise<Uint8Array> {
  const noun = purpose === 'passphrase' ? 'passphrase' : 'password';
  const typed = await openSealed(state, value, noun, purpose);
  if (typed.length === 0) throw new KeyholdError('InvalidInput', `The ${noun} is empty. Enter one.`);
  if (typed.length > LONGEST_PASSWORD_BYTES) {
    wipe(typed);
    throw new KeyholdError('InvalidInput', `The ${noun} is longer than 1,024 bytes. Choose a shorter one.`);
  }
  if (typed.every((byte) => byte <= HIGHEST_ASCII)) return typed;
  try {
    return utf8(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(typed).normalize('NFC'));
  } catch {
    throw new KeyholdError('InvalidInput', `The ${noun} is not valid UTF-8. Enter it again.`);
  } finally {
    wipe(typed);
  }
}

export function replyKeyOf(value: unknown): Uint8Array {
  return bytesOf(value, 'replyKey', HPKE_PUBLIC_KEY_BYTES, HPKE_PUBLIC_KEY_BYTES);
}

/** Seals an answer to the caller's own key. `InvalidInput` when that key is not usable. */
export async function sealReply(
  replyKey: Uint8Array,
  purpose: ReplyPurpose,
  plaintext: Uint8Array,
): Promise<SealedReply> {
  const message = await sealHpke(replyKey, utf8(`keyhold/reply/v1/${purpose}`), plaintext);
  if (message === null) throw invalid('replyKey', 'an X25519 public key');
  return { enc: toBase64(message.enc), ciphertext: toBase64(message.ciphertext) };
}
