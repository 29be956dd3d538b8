import type { Sealed, SealPurpose } from '../../contract/schemas.ts';
import { toBase64, utf8 } from '../crypto/bytes.ts';
import { sealHpke } from '../crypto/hpke.ts';
import type { Hsm } from './protocol.ts';

/** Seals to the HSM process what reached the daemon in the clear, because AWS's API brings it so. The secret is the caller's to wipe. */
export async function sealForHsm(hsm: Hsm, purpose: SealPurpose, secret: Uint8Array): Promise<Sealed> {
  const { sealKeyId, publicKey } = await hsm.call('sealKey', {});
  const message = await sealHpke(publicKey, utf8(`keyhold/seal/v1/${purpose}`), secret);
  if (message === null) throw new TypeError('the HSM’s seal key is not a usable one');
  return { sealKeyId, enc: toBase64(message.enc), ciphertext: toBase64(message.ciphertext) };
}
