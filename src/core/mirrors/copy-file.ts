import { createHash } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { KeyholdError } from '../../contract/errors.ts';

const CHUNK = 1 << 20;

/** Runs `each` over a file's bytes, a chunk at a time. */
function eachChunk(path: string, each: (bytes: Uint8Array) => void): void {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = new Uint8Array(CHUNK);
    for (;;) {
      const length = readSync(descriptor, chunk);
      if (length === 0) return;
      each(chunk.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Copies a file that nobody writes to a new file of mode 0600, makes it durable and reads it back. When it throws, there is no new file. Errors are the file
 * system's own; `VaultCorrupt` when the disk gives back other bytes than it got.
 */
export function copyFileDurably(from: string, to: string): void {
  try {
    const wanted = createHash('sha256');
    const descriptor = openSync(to, 'wx', 0o600);
    try {
      eachChunk(from, (bytes) => {
        wanted.update(bytes);
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      });
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const found = createHash('sha256');
    eachChunk(to, (bytes) => found.update(bytes));
    if (!wanted.digest().equals(found.digest())) {
      throw new KeyholdError('VaultCorrupt', `The disk of ${to} does not keep what is written to it. Use another one.`);
    }
    makePrivate(to);
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}

/** For a umask that took too little; some file systems have no modes. */
function makePrivate(path: string): void {
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'ENOTSUP')))
      throw error;
  }
}
