import type { VaultFile } from './file.ts';
import { finding, tampered } from './findings.ts';
import { putBack, whereIs } from './in-place.ts';
import { type RowWrite, recordedRows } from './row-writes.ts';
import type { Rows } from './rows.ts';

/** Further copies of the vault, to which every committed change goes. */
export interface Copies {
  /** True while there are any. */
  readonly listening: boolean;
  /** A transaction has been committed; called in order. */
  committed(writes: readonly RowWrite[]): void;
  /** Resolves when every copy within reach has what was committed so far; never rejects. */
  settled(): Promise<void>;
}

const NO_COPIES: Copies = { listening: false, committed: () => undefined, settled: () => Promise.resolve() };

/** The open file of a vault: under its name, and with what is written to it told to the copies. */
export class HeldFile {
  readonly #open: () => VaultFile;
  #file: VaultFile;
  #rows: Rows;
  #copies: Copies = NO_COPIES;

  constructor(open: () => VaultFile) {
    this.#open = open;
    this.#file = open();
    this.#rows = this.#recorded();
  }

  get file(): VaultFile {
    return this.#file;
  }
  /** Of the file that is open now: not to be kept. */
  get rows(): Rows {
    return this.#rows;
  }
  /** False when the file was deleted or another one was put in its place since it was opened. */
  get isInPlace(): boolean {
    return whereIs(this.#file) === 'in place';
  }

  copyTo(copies: Copies | null): void {
    this.#copies = copies ?? NO_COPIES;
  }

  /** Resolves when every copy within reach has what was committed so far. */
  async settled(): Promise<void> {
    if (this.#copies.listening) await this.#copies.settled();
  }

  /** Before a commit, which must not go to a file that has no name any more: one that was deleted is written back. Throws `VaultTampered` when another is in its place. */
  seeToPlace(): void {
    const where = whereIs(this.#file);
    if (where === 'gone') this.#putBack();
    else if (where === 'replaced') {
      throw tampered([finding('file', 'replaced', 'another file was put in its place while it was open')]);
    }
  }

  /** Before the file is closed for good. */
  seeToPlaceAtLast(): void {
    try {
      if (whereIs(this.#file) === 'gone') this.#putBack();
    } catch {
      // Its folder is gone too: whoever removed that wanted the vault gone.
    }
  }

  #putBack(): void {
    putBack(this.#file);
    this.#file = this.#open();
    this.#rows = this.#recorded();
    this.#file.warnings.push(`${this.#file.path} was deleted while it was open, and was written anew.`);
  }

  #recorded(): Rows {
    const copies = () => this.#copies;
    return recordedRows(this.#file.rows, {
      get listening() {
        return copies().listening;
      },
      committed: (writes) => copies().committed(writes),
    });
  }
}
