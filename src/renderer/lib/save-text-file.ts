import { saveBlob } from './save-blob.ts';

/** Offers text as a download. */
export function saveTextFile(fileName: string, text: string): void {
  saveBlob(fileName, new Blob([text], { type: 'text/plain' }));
}
