import type { HsmObjectInfo } from '../contract/hsm.ts';
import type { Hsm } from './hsm/protocol.ts';
import { finding, recordPlace, tampered } from './vault/findings.ts';
import type { Vault } from './vault/store.ts';
import { instant } from './views.ts';

/** Objects described by one call to the HSM. */
const BATCH = 512;

/** What the objects of an unlocked vault are. Attributes are sealed with the material, so the HSM is asked for each version once. */
export class ObjectCatalogue {
  readonly #vault: Vault;
  readonly #hsm: Hsm;
  readonly #known = new Map<string, { version: number; info: HsmObjectInfo }>();
  #reading: Promise<unknown> = Promise.resolve();

  constructor(vault: Vault, hsm: Hsm) {
    this.#vault = vault;
    this.#hsm = hsm;
  }

  /** In order of id. Throws `VaultTampered` for one that does not open, `Locked`. */
  async read(): Promise<HsmObjectInfo[]> {
    // One reading at a time: the second finds what the first has brought.
    const reading = this.#reading.then(() => this.#read());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #read(): Promise<HsmObjectInfo[]> {
    const ids = this.#vault.ids('object').sort();
    const present = new Set(ids);
    for (const id of this.#known.keys()) if (!present.has(id)) this.#known.delete(id);
    const unknown = ids.filter((id) => this.#known.get(id)?.version !== this.#vault.header(id)?.version);
    for (let from = 0; from < unknown.length; from += BATCH) await this.#describe(unknown.slice(from, from + BATCH));
    return ids.flatMap((id) => this.#known.get(id)?.info ?? []);
  }

  async #describe(ids: readonly string[]): Promise<void> {
    // One may have been removed meanwhile.
    const there = ids.filter((id) => this.#vault.header(id) !== undefined);
    const records = there.map((id) => {
      const { version, blob } = this.#vault.blob(id);
      return { id, kind: 'object', version, sealed: blob };
    });
    const { attributes } = await this.#hsm.call('describeObjects', { records });
    for (const [index, { id, version }] of records.entries()) {
      const found = attributes[index];
      if (found === undefined || found === null) {
        const error = tampered([finding(recordPlace('object', id), 'edited', 'its content does not verify')]);
        this.#vault.tell(error);
        throw error;
      }
      this.#known.set(id, {
        version,
        info: {
          id,
          class: found.class,
          spec: found.spec,
          usage: found.usage,
          extractable: found.extractable,
          label: found.label,
          createdAt: instant(found.createdAt),
        },
      });
    }
  }
}
