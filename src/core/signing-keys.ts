import type { KeyObject } from 'node:crypto';
import type { Hsm, ObjectRef, Scope } from './hsm/protocol.ts';
import { v4aPublicKeyFromDer } from './sigv4/v4a/public-key.ts';

/** One a day, region and service for each client that is in use. */
const MAX_KEYS = 1000;

/**
 * What verifies the signatures of client keys without asking the HSM each time: their *derived* signing keys (one day, region, service), which are worth nothing outside
 * this endpoint, and their SigV4a public keys, which are no secret. Never those of vaulted keys; the HSM refuses to derive them.
 */
export class SigningKeys {
  readonly #hsm: Hsm;
  readonly #derived = new Held<Uint8Array>((bytes) => bytes.fill(0));
  readonly #public = new Held<KeyObject>(() => undefined);

  constructor(hsm: Hsm) {
    this.#hsm = hsm;
  }

  /** A copy of its own for each caller, so that forgetting a key never changes one that is being used. */
  async get(ref: ObjectRef, scope: Scope): Promise<Uint8Array> {
    const name = `${ref.version} ${scope.date} ${scope.region} ${scope.service}`;
    const derive = async (): Promise<Uint8Array> =>
      (await this.#hsm.call('sigv4DeriveClientKey', { key: ref, scope })).signingKey;
    return new Uint8Array(await this.#derived.get(ref.id, name, derive));
  }

  /** The public half of the SigV4a key pair that follows from the secret and this access key id. */
  publicKey(ref: ObjectRef, accessKeyId: string): Promise<KeyObject> {
    return this.#public.get(ref.id, `${ref.version} ${accessKeyId}`, async () =>
      v4aPublicKeyFromDer((await this.#hsm.call('sigv4aPublicKey', { key: ref, accessKeyId })).publicKey),
    );
  }

  forget(object: string): void {
    this.#derived.forget(object);
    this.#public.forget(object);
  }

  clear(): void {
    this.#derived.clear();
    this.#public.clear();
  }
}

/** At most `MAX_KEYS` of what was made from objects; the oldest goes first. */
class Held<T> {
  readonly #entries = new Map<string, { object: string; value: Promise<T> }>();
  readonly #wipe: (value: T) => void;

  constructor(wipe: (value: T) => void) {
    this.#wipe = wipe;
  }

  get(object: string, part: string, make: () => Promise<T>): Promise<T> {
    const name = `${object} ${part}`;
    const held = this.#entries.get(name)?.value;
    if (held !== undefined) return held;
    const value = make();
    this.#entries.set(name, { object, value });
    // A failure is not remembered: the next request asks again.
    value.catch(() => this.#entries.delete(name));
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > MAX_KEYS && oldest.done !== true) this.#drop(oldest.value);
    return value;
  }

  forget(object: string): void {
    for (const [name, held] of this.#entries) if (held.object === object) this.#drop(name);
  }

  clear(): void {
    for (const name of this.#entries.keys()) this.#drop(name);
  }

  #drop(name: string): void {
    const held = this.#entries.get(name);
    this.#entries.delete(name);
    held?.value.then(this.#wipe, () => undefined);
  }
}
