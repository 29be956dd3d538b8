import { KeyholdError } from '../../contract/errors.ts';
import type { PendingEvents } from '../audit/pending.ts';
import type { HeadState, Hsm, HsmOutput, ObjectRef } from '../hsm/protocol.ts';
import { finding, recordPlace, tampered } from './findings.ts';
import { currentWhileUnfinished } from './keks.ts';
import { isSealedKind, type JsonKind, USERS_ID } from './kinds.ts';
import type { ManifestEntry } from './manifest.ts';
import { openRows, sameAsLoaded } from './open-rows.ts';
import { RecordSet } from './record-set.ts';
import type { Rows, StoredRecord } from './rows.ts';
import type { ReadState } from './state.ts';

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

/**
 * What is in memory of an unlocked vault, from one load to the lock after it: which records there are. What they say is decrypted for
 * whoever asks and not kept here, so that it is in memory once.
 */
export class Loaded {
  readonly hsm: Hsm;
  readonly records: RecordSet;
  head: HeadState;
  /** What was recorded while locked, until it has entered the chain. */
  pending: PendingEvents | null;
  readonly #rows: () => Rows;
  #forgotten = false;
  #current: readonly number[] | null;

  constructor(hsm: Hsm, rows: () => Rows, state: ReadState, pending: PendingEvents | null) {
    this.hsm = hsm;
    this.#rows = rows;
    this.head = state.head.state;
    this.#current = currentWhileUnfinished(this.head.keks);
    this.records = new RecordSet(state.head.pages);
    this.pending = pending;
  }

  /**
   * Decrypts all records of a kind and hands them over in batches. One that is changed meanwhile comes again: once this resolves, the last that came of each record
   * is what it says.
   */
  async each(kind: JsonKind, take: (items: readonly StoredItem[]) => Promise<void> | void): Promise<void> {
    const taken = new Map<string, number>();
    const give = async (items: readonly StoredItem[]): Promise<void> => {
      for (const { id, version } of items) taken.set(id, version);
      if (items.length > 0) await take(items);
    };
    if (this.records.count(kind) > LOOK_UP_AT_MOST) await this.#scan(kind, give);
    for (;;) {
      if (this.#forgotten) throw locked();
      // What the scan did not bring, or has changed behind it.
      const missing = this.records.ofKind(kind).filter(({ id, version }) => taken.get(id) !== version);
      if (missing.length === 0) return;
      await give(await this.#open(missing.slice(0, OPEN_BATCH).map((entry) => this.#stored(entry))));
    }
  }

  /** One record of a JSON kind; null when there is none with this id. */
  async get(id: string): Promise<StoredItem | null> {
    for (;;) {
      if (this.#forgotten) throw locked();
      const entry = this.records.get(id);
      if (entry === undefined || isSealedKind(entry.kind)) return null;
      const [item] = await this.#open([this.#stored(entry)]);
      if (item !== undefined) return item;
    }
  }

  /** A reference to an HSM object with its sealed blob. `NotFound` when there is none. */
  blob(id: string): Required<ObjectRef> {
    const entry = this.records.get(id);
    if (entry?.kind !== 'object') throw new KeyholdError('NotFound', 'There is no such key object in the vault.');
    const row = this.#stored(entry);
    return { id, version: entry.version, blob: row.sealed };
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
  remember(sealed: Pick<HsmOutput<'commit'>, 'pages'>, next: HeadState): void {
    this.head = next;
    this.#current = currentWhileUnfinished(next.keks);
    for (const { page, entries } of sealed.pages) this.records.replace(page, entries);
  }

  /** The vault is locked: reads under way reject with `Locked`. */
  forget(): void {
    this.#forgotten = true;
  }

  /** A record's row, which must still be the one that was loaded or committed. */
  #stored(entry: ManifestEntry): StoredRecord {
    const row = this.#rows().record(entry.id);
    if (row === null) {
      const place = recordPlace(entry.kind, entry.id);
      throw tampered([finding(place, 'deleted', 'it disappeared while the vault was open')]);
    }
    return sameAsLoaded(row, entry, this.#current);
  }

  /**
   * Decrypts all rows of a kind, two batches at a time: the HSM opens one while the next is on its way, and what others ask of it meanwhile waits for no more than
   * those.
   */
  async #scan(kind: JsonKind, give: (items: readonly StoredItem[]) => Promise<void>): Promise<void> {
    let before: Promise<StoredItem[]> = Promise.resolve([]);
    for (let after = ''; ; ) {
      if (this.#forgotten) throw locked();
      const rows = this.#rows().recordsOfKind(kind, after, OPEN_BATCH);
      const opened = this.#open(rows);
      // Its failure counts when its turn has come.
      opened.catch(() => undefined);
      await give(await before);
      before = opened;
      const last = rows.at(-1);
      if (last === undefined || rows.length < OPEN_BATCH) break;
      after = last.id;
    }
    await give(await before);
  }

  /** Decrypts rows just read; without those that a commit has replaced or removed meanwhile. */
  async #open(rows: readonly StoredRecord[]): Promise<StoredItem[]> {
    if (rows.length === 0) return [];
    for (const row of rows) {
      const entry = this.records.get(row.id);
      if (entry === undefined) {
        throw tampered([finding(recordPlace(row.kind, row.id), 'unknown', 'it appeared while the vault was open')]);
      }
      sameAsLoaded(row, entry, this.#current);
    }
    const opened = await openRows(this.hsm, rows);
    if (this.#forgotten) throw locked();
    return rows.flatMap(({ id, version }, index) =>
      this.records.get(id)?.version === version ? [{ id, version, data: opened[index] }] : [],
    );
  }
}
