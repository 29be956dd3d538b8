import { KeyholdError } from '../../contract/errors.ts';
import type { PendingEvents } from '../audit/pending.ts';
import type { HeadState, Hsm, HsmOutput, ObjectRef } from '../hsm/protocol.ts';
import { finding, recordPlace, tampered } from './findings.ts';
import { isSealedKind, type JsonKind, type RecordKind, USERS_ID } from './kinds.ts';
import { PAGE_COUNT, TAG_BYTES } from './manifest.ts';
import { openRows, sameAsLoaded } from './open-rows.ts';
import { parsePayload } from './payload.ts';
import type { Plan } from './plan.ts';
import type { Rows, StoredRecord } from './rows.ts';
import type { ReadState, RecordHeader } from './state.ts';

/** Records opened by one call to the HSM. */
const OPEN_BATCH = 512;
/** Up to so many records of a kind are looked up one by one: a kind has no index, so finding all of them means passing over all records. */
const LOOK_UP_AT_MOST = 64;

export interface StoredItem {
  id: string;
  version: number;
  /** The record's JSON, deeply frozen. */
  data: unknown;
}

export function locked(): KeyholdError {
  return new KeyholdError('Locked', 'The vault is locked. Unlock it with "keyhold unlock".');
}

/** What is in memory of an unlocked vault, from one load to the lock after it: exactly what is on disk, as far as it has been read. */
export class Loaded {
  readonly hsm: Hsm;
  readonly records: Map<string, RecordHeader>;
  readonly pages: Uint8Array[];
  head: HeadState;
  /** What was recorded while locked, until it has entered the chain. */
  pending: PendingEvents | null;
  readonly #rows: () => Rows;
  readonly #cache = new Map<string, unknown>();
  #forgotten = false;

  constructor(hsm: Hsm, rows: () => Rows, state: ReadState, pending: PendingEvents | null) {
    this.hsm = hsm;
    this.#rows = rows;
    this.head = state.head.state;
    this.records = new Map(state.records.map((record) => [record.id, record]));
    this.pages = Array.from({ length: PAGE_COUNT }, () => new Uint8Array());
    for (const page of state.head.pages) this.pages[page.page] = new Uint8Array(page.entries);
    this.pending = pending;
  }

  /** Ids of a kind, in no particular order. */
  ids(kind: RecordKind): string[] {
    const out: string[] = [];
    for (const record of this.records.values()) if (record.kind === kind) out.push(record.id);
    return out;
  }

  /** All records of a kind, decrypted in batches and kept until lock. */
  async read(kind: JsonKind): Promise<StoredItem[]> {
    const missing = this.ids(kind).filter((id) => !this.#cache.has(id));
    if (missing.length > LOOK_UP_AT_MOST) await this.#scan(kind);
    // What the scan did not bring is looked up.
    await this.#fill(missing);
    const items: StoredItem[] = [];
    for (const record of this.records.values()) if (record.kind === kind) items.push(this.#item(record));
    return items;
  }

  /** One record of a JSON kind; null when there is none with this id. */
  async get(id: string): Promise<StoredItem | null> {
    const before = this.records.get(id);
    if (before === undefined || isSealedKind(before.kind)) return null;
    await this.#fill([id]);
    const record = this.records.get(id);
    return record === undefined ? null : this.#item(record);
  }

  /** A reference to an HSM object with its sealed blob. `NotFound` when there is none. */
  blob(id: string): Required<ObjectRef> {
    const header = this.records.get(id);
    if (header?.kind !== 'object') throw new KeyholdError('NotFound', 'There is no such key object in the vault.');
    const row = this.#stored(header);
    return { id, version: header.version, blob: row.sealed };
  }

  /** There are HSM users, without whom some things are not to be had. */
  get hasUsers(): boolean {
    return this.records.has(USERS_ID);
  }

  /** The records of the objects among these, as the HSM takes them. */
  objectRecords(ids: readonly string[]): StoredRecord[] {
    return ids.flatMap((id) => {
      const header = this.records.get(id);
      return header?.kind === 'object' ? [this.#stored(header)] : [];
    });
  }

  /** A change has been committed. */
  remember(plan: Plan, sealed: HsmOutput<'commit'>, next: HeadState): void {
    this.head = next;
    for (const { page, entries } of sealed.pages) this.pages[page] = Uint8Array.from(entries);
    for (const [index, { id, kind, version, plaintext }] of plan.puts.entries()) {
      const tag = sealed.records[index]?.sealed.slice(-TAG_BYTES) ?? new Uint8Array(TAG_BYTES);
      this.records.set(id, { id, kind, version, tag });
      this.#cache.set(id, parsePayload(plaintext));
    }
    for (const { id, kind, version, blob } of plan.objects) {
      this.records.set(id, { id, kind, version, tag: blob.slice(-TAG_BYTES) });
    }
    for (const id of plan.removed) {
      this.records.delete(id);
      this.#cache.delete(id);
    }
  }

  /** The vault is locked: reads under way reject with `Locked`. */
  forget(): void {
    this.#forgotten = true;
    this.#cache.clear();
  }

  #item(record: RecordHeader): StoredItem {
    return { id: record.id, version: record.version, data: this.#cache.get(record.id) };
  }

  /** A record's row, which must still be the one that was loaded or committed. */
  #stored(header: RecordHeader): StoredRecord {
    const row = this.#rows().record(header.id);
    if (row === null) {
      const place = recordPlace(header.kind, header.id);
      throw tampered([finding(place, 'deleted', 'it disappeared while the vault was open')]);
    }
    return sameAsLoaded(row, header);
  }

  /** Decrypts these records where that has not been done. */
  async #fill(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.#cache.has(id));
    for (let from = 0; from < missing.length; from += OPEN_BATCH) {
      if (this.#forgotten) throw locked();
      const rows = missing.slice(from, from + OPEN_BATCH).flatMap((id) => {
        const header = this.records.get(id);
        return header === undefined ? [] : [this.#stored(header)];
      });
      await this.#open(rows);
    }
  }

  /**
   * Decrypts all rows of a kind, two batches at a time: the HSM opens one while the next is on its way, and what others ask of it meanwhile waits for no more than
   * those.
   */
  async #scan(kind: JsonKind): Promise<void> {
    let before: Promise<void> = Promise.resolve();
    for (let after = ''; ; ) {
      if (this.#forgotten) throw locked();
      const rows = this.#rows().recordsOfKind(kind, after, OPEN_BATCH);
      const opened = this.#open(rows);
      // Its failure counts when its turn has come.
      opened.catch(() => undefined);
      await before;
      before = opened;
      const last = rows.at(-1);
      if (last === undefined || rows.length < OPEN_BATCH) break;
      after = last.id;
    }
    await before;
  }

  /** Decrypts rows just read into the cache. */
  async #open(rows: readonly StoredRecord[]): Promise<void> {
    const closed = rows.filter((row) => {
      const header = this.records.get(row.id);
      if (header === undefined) {
        throw tampered([finding(recordPlace(row.kind, row.id), 'unknown', 'it appeared while the vault was open')]);
      }
      return !this.#cache.has(row.id) && sameAsLoaded(row, header);
    });
    if (closed.length === 0) return;
    const opened = await openRows(this.hsm, closed);
    if (this.#forgotten) throw locked();
    for (const [index, row] of closed.entries()) {
      // A commit in the meantime has put the newer value there already.
      if (this.records.get(row.id)?.version === row.version) this.#cache.set(row.id, opened[index]);
    }
  }
}
