import { saveBlob } from './save-blob.ts';

/** Offers bytes as a download. */
export function saveBytes(fileName: string, bytes: Uint8Array<ArrayBuffer>): void {
  saveBlob(fileName, new Blob([bytes], { type: 'application/octet-stream' }));
}
