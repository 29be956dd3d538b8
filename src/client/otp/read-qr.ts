import jsQR from 'jsqr';
import { otpFault } from './entry.ts';

/** Pixels as a canvas and the decoders have them: four bytes each, red, green, blue, alpha. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}

/** More than that is scaled down before: a photograph's QR code is legible with far less, and the search takes long. */
export const MOST_PIXELS = 8_000_000;

/** The text of the QR code in a picture. Throws `InvalidInput` where there is none to be found. */
export function readQr({ data, width, height }: Pixels): string {
  if (width * height > MOST_PIXELS) {
    throw otpFault('This picture is too large. Cut it down to the QR code, with some white around it.');
  }
  const pixels = data instanceof Uint8ClampedArray ? data : new Uint8ClampedArray(data);
  const found = jsQR(pixels, width, height, { inversionAttempts: 'attemptBoth' });
  if (found !== null && found.data !== '') return found.data;
  throw otpFault(
    'There is no QR code to be read in this picture. Take one that is sharp, whole, and has some white around it.',
  );
}
