import { toBuffer } from 'qrcode';
import { utf8 } from '../../../core/crypto/bytes.ts';
import { base32 } from './base32.ts';

/** How an authenticator gets its seed: base32 as text, and a QR code as PNG. */
export interface Bootstrap {
  Base32StringSeed: Uint8Array;
  QRCodePNG: Uint8Array;
}

/** Both forms of a seed, as CreateVirtualMFADevice documents them: the QR code says `otpauth://totp/DEVICE@ACCOUNT?secret=SEED`. */
export async function bootstrapOf(seed: Uint8Array, device: string, accountId: string): Promise<Bootstrap> {
  const text = base32(seed);
  const uri = `otpauth://totp/${encodeURIComponent(device)}@${accountId}?secret=${text}`;
  return { Base32StringSeed: utf8(text), QRCodePNG: await toBuffer(uri, { type: 'png', errorCorrectionLevel: 'M' }) };
}
