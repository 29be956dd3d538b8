import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { MOST_PIXELS, type Pixels, readQr } from '../../client/otp/read-qr.ts';
import { usageError } from '../errors.ts';

const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);
/** Of the decoder: four bytes a pixel, and its own tables. */
const MOST_MEGABYTES = 512;

export function isPicture(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 4));
  return start.equals(PNG_START) || start.subarray(0, 3).equals(JPEG_START);
}

/** The text of the QR code in a PNG or JPEG file. Throws `InvalidInput`. */
export function readQrPicture(bytes: Buffer): string {
  if (!isPicture(bytes)) throw usageError('Only pictures in PNG or JPEG can be read. Save it as one of those.');
  const pixels = decode(bytes);
  try {
    return readQr(pixels);
  } finally {
    pixels.data.fill(0);
  }
}

function decode(bytes: Buffer): Pixels {
  try {
    if (!bytes.subarray(0, 4).equals(PNG_START)) {
      return jpeg.decode(bytes, {
        useTArray: true,
        maxMemoryUsageInMB: MOST_MEGABYTES,
        maxResolutionInMP: MOST_PIXELS / 1e6,
      });
    }
    // A small file can claim to be a huge picture; its size stands at a fixed place.
    if (bytes.length > 24 && bytes.readUInt32BE(16) * bytes.readUInt32BE(20) > MOST_PIXELS) {
      throw usageError('This picture is too large. Cut it down to the QR code.');
    }
    return PNG.sync.read(bytes);
  } catch (cause) {
    throw usageError(
      cause instanceof Error && cause.message.startsWith('This picture')
        ? cause.message
        : 'This picture is damaged or too large. Save it again, cut down to the QR code.',
    );
  }
}
