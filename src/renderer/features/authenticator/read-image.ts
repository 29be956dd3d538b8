import { KeyholdError } from '../../../contract/errors.ts';

/** Wider pictures are drawn smaller: a QR code on a whole screen is legible still, and the search stays quick. */
const LONGEST_SIDE = 2600;

/** The text of the QR code in a picture. Throws `InvalidInput` in words. The decoder is loaded when it is first needed. */
export async function readQrOf(image: Blob | ImageBitmap): Promise<string> {
  const bitmap = image instanceof Blob ? await bitmapOf(image) : image;
  const { readQr } = await import('../../../client/otp/read-qr.ts');
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height, 1));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  if (drawing === null)
    throw new KeyholdError('Unsupported', 'This browser cannot look at pictures. Paste the address instead.');
  try {
    drawing.drawImage(bitmap, 0, 0, width, height);
    const pixels = drawing.getImageData(0, 0, width, height);
    const text = readQr(pixels);
    pixels.data.fill(0);
    return text;
  } finally {
    drawing.clearRect(0, 0, width, height);
    bitmap.close();
  }
}

async function bitmapOf(image: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(image);
  } catch (cause) {
    throw new KeyholdError('InvalidInput', 'This is no picture that can be read. Save it as PNG or JPEG.', undefined, {
      cause,
    });
  }
}

/** Whether this page can ask to see the screen. */
export function canCaptureScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

/** One picture of a screen or window that the person chooses. Null when they choose none. */
export async function captureScreen(): Promise<ImageBitmap | null> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotAllowedError') return null;
    throw new KeyholdError(
      'Unsupported',
      'The screen cannot be looked at here. Take a screenshot, and paste it or drop it here.',
      undefined,
      { cause: error },
    );
  }
  try {
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = stream;
    await video.play();
    return await createImageBitmap(video);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
