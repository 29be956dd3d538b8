import { readFileSync } from 'node:fs';

/** A file's bytes, or standard input's for descriptor 0. An error names the file: of one that can be opened and not read (a folder), Node's own does not. */
export function readFile(file: string | 0): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && !('path' in error)) {
      Object.assign(error, { path: file === 0 ? 'standard input' : file });
    }
    throw error;
  }
}
