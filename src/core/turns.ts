/** Work that must not overlap: what has the same name is done in the order in which it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Waits for what was asked for before, however that ends. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const result = before.then(work);
    const done = result
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(name) === done) this.#last.delete(name);
      });
    this.#last.set(name, done);
    return result;
  }

  /** Resolves when nobody waits for a turn; never rejects. */
  async idle(name: string): Promise<void> {
    for (let last = this.#last.get(name); last !== undefined; last = this.#last.get(name)) await last;
  }
}
