import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { temporaryPath } from './whole-file.ts';

/**
 * A file that has lost its name before anything is in it: nobody else can open it, and however this process ends, be it by SIGKILL, the system takes
 * its bytes back. The caller closes it.
 */
export async function openUnnamedFile(): Promise<FileHandle> {
  const path = temporaryPath(tmpdir());
  const file = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
