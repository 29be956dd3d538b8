import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { KeyholdError } from '../../contract/errors.ts';
import { fileError } from './durable.ts';

/** Enough for some 400 log entries: what is under way when the disk turns out to be full, and the lock after it. */
export const RESERVE_BYTES = 512 * 1024;

/**
 * Space set aside beside the vault (`vault.keyhold.reserve`), so that what has been done can still be written down when the disk is full: whoever writes to the log
 * gets it, and nothing more is done until it has been set aside again.
 */
export class Reserve {
  readonly #path: string;
  #held: boolean;

  constructor(vaultPath: string) {
    this.#path = `${vaultPath}.reserve`;
    this.#held = statSync(this.#path, { throwIfNoEntry: false })?.size === RESERVE_BYTES;
  }

  /** Sees to it that the space is set aside. Throws `DiskFull`, `VaultReadOnly`. */
  take(): void {
    if (this.#held) return;
    try {
      const descriptor = openSync(this.#path, 'w', 0o600);
      try {
        // Random: a file system that compresses sets nothing aside for zeros.
        const bytes = randomBytes(RESERVE_BYTES);
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      this.#held = true;
    } catch (error) {
      rmSync(this.#path, { force: true });
      throw fileError(error, this.#path);
    }
  }

  /** Runs one transaction of the log; when the disk is full, once more with the space that was set aside. */
  use<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      if (!this.#held || !(error instanceof KeyholdError) || error.code !== 'DiskFull') throw error;
      this.#held = false;
      rmSync(this.#path, { force: true });
      return write();
    }
  }
}
