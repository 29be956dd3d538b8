import { saveBlob } from './save-blob.ts';

/** Where a file goes that is made piece by piece. Until it is kept, there is nothing of it under its name. */
export interface FileTarget {
  /** As the person called it. */
  readonly name: string;
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  keep(): Promise<void>;
  /** Leaves nothing behind. */
  drop(): Promise<void>;
}

/**
 * Asks where a file goes; null when the person changed their mind. Browsers with the File System Access API write it to the disk as it comes, beside its
 * place; others collect it and offer the whole as a download. Must be called from a click.
 */
export async function chooseFileTarget(name: string): Promise<FileTarget | null> {
  if (window.showSaveFilePicker === undefined) return collect(name);
  try {
    return await writeTo(await window.showSaveFilePicker({ suggestedName: name }));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    // A shell or a policy that does not let the page write: a download asks nobody.
    if (error instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(error.name))
      return collect(name);
    throw error;
  }
}

async function writeTo(handle: FileSystemFileHandle): Promise<FileTarget> {
  const stream = await handle.createWritable();
  return {
    name: handle.name,
    write: (bytes) => stream.write(bytes),
    keep: () => stream.close(),
    async drop() {
      await stream.abort();
      // The dialog itself has made the file, or emptied the one that was there.
      await handle.remove?.();
    },
  };
}

function collect(name: string): FileTarget {
  let parts: Blob[] = [];
  return {
    name,
    // A Blob each: browsers move them to the disk when they grow.
    async write(bytes) {
      if (bytes.length > 0) parts.push(new Blob([bytes]));
    },
    async keep() {
      saveBlob(name, new Blob(parts, { type: 'application/octet-stream' }));
      parts = [];
    },
    async drop() {
      parts = [];
    },
  };
}
