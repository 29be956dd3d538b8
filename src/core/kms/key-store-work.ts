/** What is under way for custom key stores while the vault is unlocked; what came of it is in the records. */
export class KeyStoreWork {
  readonly #connecting = new Map<string, symbol>();
  /** Tokens (record ids) whose deleted keys could not be destroyed, and single keys (with their CKA_ID) that their token does not destroy, as the person has been told. */
  readonly toldOf = new Set<string>();
  /** By token (record id): the key (CKA_ID) over which the last round of destroying ended early. */
  readonly endedAt = new Map<string, string>();
  /** Deleted keys are being destroyed in tokens. */
  destroying = false;
  /** CKA_ID of the one that its token is being asked to destroy. */
  #doomed: string | undefined;
  /** CKA_IDs of keys that are about to come back into the vault. */
  #wanted: ReadonlySet<string> = new Set();

  /** False where the key is wanted after all. */
  beginDestroying(keyId: string): boolean {
    if (this.#wanted.has(keyId)) return false;
    this.#doomed = keyId;
    return true;
  }

  endDestroying(): void {
    this.#doomed = undefined;
  }

  /** From here on none of these is destroyed, until `unwant` says that they have come back or do not. False where it is too late for one. Changes come one at a time. */
  want(keyIds: ReadonlySet<string>): boolean {
    if (this.#doomed !== undefined && keyIds.has(this.#doomed)) return false;
    this.#wanted = keyIds;
    return true;
  }

  unwant(): void {
    this.#wanted = new Set();
  }

  /** An attempt to connect a key store (record id) begins, in place of one before it. */
  begin(store: string): symbol {
    const attempt = Symbol(store);
    this.#connecting.set(store, attempt);
    return attempt;
  }

  isConnecting(store: string): boolean {
    return this.#connecting.has(store);
  }

  /** Whether the attempt is still under way: no other has taken its place, and it was not given up. */
  isUnderWay(store: string, attempt: symbol): boolean {
    return this.#connecting.get(store) === attempt;
  }

  /** What came of the attempt has been written. */
  end(store: string, attempt: symbol): void {
    if (this.isUnderWay(store, attempt)) this.#connecting.delete(store);
  }

  /** Gives up whatever attempt is under way. */
  giveUp(store: string): void {
    this.#connecting.delete(store);
  }
}
