/**
 * Which clients are held by a connection: that of the command they were made for. When the last one that holds a client has ended, so has the client; while the
 * vault is locked that has to wait, and `ended` remembers it.
 */
export class Leases {
  readonly #held = new Map<string, number>();
  readonly #ended = new Set<string>();
  /** Called whenever `ended` has a new member. */
  onEnd: (() => void) | undefined;

  /** `connection` aborts when the connection has ended. A client may be held by several, and by one more than once. */
  hold(accessKeyId: string, connection: AbortSignal): void {
    this.#held.set(accessKeyId, (this.#held.get(accessKeyId) ?? 0) + 1);
    this.#ended.delete(accessKeyId);
    if (connection.aborted) this.#release(accessKeyId);
    else connection.addEventListener('abort', () => this.#release(accessKeyId), { once: true });
  }

  isHeld(accessKeyId: string): boolean {
    return this.#held.has(accessKeyId);
  }

  /** Key ids that nobody holds any more. */
  ended(): string[] {
    return [...this.#ended];
  }

  /** These have been dealt with. */
  forget(accessKeyIds: readonly string[]): void {
    for (const id of accessKeyIds) this.#ended.delete(id);
  }

  #release(accessKeyId: string): void {
    const others = (this.#held.get(accessKeyId) ?? 0) - 1;
    if (others > 0) {
      this.#held.set(accessKeyId, others);
      return;
    }
    this.#held.delete(accessKeyId);
    this.#ended.add(accessKeyId);
    this.onEnd?.();
  }
}
