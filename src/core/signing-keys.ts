import type { Hsm, ObjectRef, Scope } from './hsm/protocol.ts';

/** One a day, region and service for each client that is in use. */
const MAX_KEYS = 1000;

/**
 * The *derived* signing keys of client keys (one day, region, service), which are worth nothing outside this endpoint: kept so that verifying a client's signature does
 * not need the HSM. Never those of vaulted keys; the HSM refuses those.
 */
export class SigningKeys {
  readonly #hsm: Hsm;
  readonly #keys = new Map<string, { object: string; key: Promise<Uint8Array> }>();

  constructor(hsm: Hsm) {
    this.#hsm = hsm;
  }

  /** A copy of its own for each caller, so that forgetting a key never changes one that is being used. */
  async get(ref: ObjectRef, scope: Scope): Promise<Uint8Array> {
    const name = `${ref.id} ${ref.version} ${scope.date} ${scope.region} ${scope.service}`;
    const held = this.#keys.get(name)?.key ?? this.#derive(name, ref, scope);
    return Uint8Array.from(await held);
  }

  forget(object: string): void {
    for (const [name, held] of this.#keys) if (held.object === object) this.#drop(name);
  }

  clear(): void {
    for (const name of this.#keys.keys()) this.#drop(name);
  }

  #derive(name: string, ref: ObjectRef, scope: Scope): Promise<Uint8Array> {
    const key = this.#hsm.call('sigv4DeriveClientKey', { key: ref, scope }).then(({ signingKey }) => signingKey);
    this.#keys.set(name, { object: ref.id, key });
    // A failure is not remembered: the next request asks again.
    key.catch(() => this.#keys.delete(name));
    const oldest = this.#keys.keys().next();
    if (this.#keys.size > MAX_KEYS && oldest.done !== true) this.#drop(oldest.value);
    return key;
  }

  #drop(name: string): void {
    const held = this.#keys.get(name);
    this.#keys.delete(name);
    held?.key.then(
      (bytes) => bytes.fill(0),
      () => undefined,
    );
  }
}
