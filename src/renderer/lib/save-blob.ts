/** How long a browser may take to begin with a download. */
const REVOKE_AFTER_MS = 60_000;

/** Offers a blob as a download. The browser asks where to put it, or puts it where downloads go. */
export function saveBlob(fileName: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
