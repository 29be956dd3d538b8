import type { KmsKey } from './records.ts';

export type KeyUse = NonNullable<KmsKey['lastUse']>;

/** The last cryptographic use of each key (by record id), gathered in memory to be written together. */
export class KmsUsage {
  #uses = new Map<string, KeyUse>();

  get empty(): boolean {
    return this.#uses.size === 0;
  }

  note(key: string, use: KeyUse): void {
    this.#uses.set(key, use);
  }

  /** The latest use, written or not. */
  lastUse(key: string, written: KeyUse | undefined): KeyUse | undefined {
    return this.#uses.get(key) ?? written;
  }

  /** Everything gathered so far; gathering starts anew. */
  take(): ReadonlyMap<string, KeyUse> {
    const taken = this.#uses;
    this.#uses = new Map();
    return taken;
  }

  /** What was taken and could not be written, unless something later has come since. */
  putBack(taken: ReadonlyMap<string, KeyUse>): void {
    for (const [key, use] of taken) if (!this.#uses.has(key)) this.#uses.set(key, use);
  }
}
