/**
 * Copies of the vault are verified with the keys that it has. They are made side by side; a new root key waits until none is being verified, and those that begin
 * meanwhile wait for it.
 */
export class CopyLock {
  #copies = 0;
  #waiting: (() => void)[] = [];
  #change: Promise<unknown> | null = null;

  /** Runs `work`, which copies the vault and verifies the copy. */
  async copy<T>(work: () => Promise<T>): Promise<T> {
    while (this.#change !== null) await this.#change;
    this.#copies += 1;
    try {
      return await work();
    } finally {
      this.#copies -= 1;
      if (this.#copies === 0) for (const go of this.#waiting.splice(0)) go();
    }
  }

  /** Runs `work`, after which copies made before it no longer verify. */
  async change<T>(work: () => Promise<T>): Promise<T> {
    while (this.#change !== null) await this.#change;
    const run = async (): Promise<T> => {
      if (this.#copies > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return work();
    };
    const changing = run().finally(() => {
      this.#change = null;
    });
    this.#change = changing.catch(() => undefined);
    return changing;
  }
}
