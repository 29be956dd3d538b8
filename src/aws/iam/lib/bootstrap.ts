import { toBuffer } from 'qrcode';
import { toBase32 } from '../../../contract/base32.ts';
import { concat, utf8 } from '../../../core/crypto/bytes.ts';
import { wipe } from '../../../core/crypto/wipe.ts';

/** How an authenticator gets its seed: base32 as text, and a QR code as PNG. */
export interface Bootstrap {
  Base32StringSeed: Uint8Array;
  QRCodePNG: Uint8Array;
}

/** Both forms of a seed, as CreateVirtualMFADevice documents them: the QR code says `otpauth://totp/DEVICE@ACCOUNT?secret=SEED`. */
export async function bootstrapOf(seed: Uint8Array, device: string, accountId: string): Promise<Bootstrap> {
  const text = toBase32(seed);
  const uri = concat(utf8(`otpauth://totp/${encodeURIComponent(device)}@${accountId}?secret=`), text);
  try {
    const png = await toBuffer([{ data: uri, mode: 'byte' }], { type: 'png', errorCorrectionLevel: 'M' });
    return { Base32StringSeed: text, QRCodePNG: png };
  } finally {
    wipe(uri);
  }
}
