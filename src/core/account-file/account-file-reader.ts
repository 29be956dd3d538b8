import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { KeyholdError } from '../../contract/errors.ts';
import {
  type AccountFileEnd,
  type AccountFileEntry,
  type AccountFileHeader,
  type Part,
  readAccountHeader,
  readAccountPart,
  type Unreadable,
} from '../crypto/account-file.ts';

const CHUNK = 256 * 1024;

/** Reads an account file part by part; no more than a part and a chunk of it is in memory. What it answers is not verified yet. */
export class AccountFileReader {
  readonly #file: number;
  #buffer: Uint8Array = new Uint8Array();
  #offset = 0;
  #atEnd = false;

  /** Throws `NotFound` when there is no such file, `AccountFileForeign` for what is none. */
  constructor(path: string) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      throw new KeyholdError('NotFound', `There is no file ${path}. Name the account file to import.`);
    }
    if (!found.isFile() || found.size === 0) throw unreadable('foreign');
    this.#file = openSync(path, 'r');
  }

  header(): AccountFileHeader {
    return this.#next((bytes) => readAccountHeader(bytes));
  }

  /** The next entry, or the end: after it there is nothing more. */
  part(): AccountFileEntry | AccountFileEnd {
    const part = this.#next((bytes, offset) => readAccountPart(bytes, offset));
    if ('mac' in part && (this.#offset < this.#buffer.length || this.#fill())) throw unreadable('broken');
    return part;
  }

  close(): void {
    closeSync(this.#file);
  }

  #next<T>(read: (bytes: Uint8Array, offset: number) => Part<T>): T {
    for (;;) {
      const result = read(this.#buffer, this.#offset);
      if (typeof result !== 'string') {
        this.#offset = result.next;
        return result.part;
      }
      if (result !== 'short' || !this.#fill()) throw unreadable(result);
    }
  }

  /** Reads on; false when the file has nothing more. */
  #fill(): boolean {
    const rest = this.#buffer.subarray(this.#offset);
    if (this.#atEnd) return false;
    const next = new Uint8Array(rest.length + CHUNK);
    next.set(rest);
    const read = readSync(this.#file, next, rest.length, CHUNK, null);
    this.#buffer = next.subarray(0, rest.length + read);
    this.#offset = 0;
    this.#atEnd = read === 0;
    return read > 0;
  }
}

function unreadable(why: Unreadable): KeyholdError {
  switch (why) {
    case 'foreign':
      return new KeyholdError(
        'AccountFileForeign',
        'This is not an account file of Keyhold. Name a file that "keyhold account export" wrote.',
      );
    case 'newer':
      return new KeyholdError(
        'AccountFileTooNew',
        'This account file was written by a newer version of Keyhold. Update this one.',
      );
    case 'short':
      return damaged('ends too early');
    case 'broken':
      return damaged('is damaged or was changed since it was written');
  }
}

export function damaged(how: string): KeyholdError {
  return new KeyholdError(
    'AccountFileDamaged',
    `This account file ${how}; nothing was imported. Use another copy of it.`,
  );
}
