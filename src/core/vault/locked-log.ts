import { KeyholdError } from '../../contract/errors.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import { overflowEvent, requestsIn } from '../audit/entry.ts';
import { concat, u64, utf8 } from '../crypto/bytes.ts';
import { LOCKED_KEY_BYTES, lockedEndMac, nextLockedKey, sealLocked, sealLockedKey } from '../crypto/locked-log.ts';
import { systemRandom } from '../crypto/random.ts';
import { sha256 } from '../crypto/sha256.ts';
import { wipe } from '../crypto/wipe.ts';
import { corrupt } from './findings.ts';
import type { Reserve } from './reserve.ts';
import type { Rows, StoredPending } from './rows.ts';

/** Rows up to this number hold an event each; one more counts the rest. */
export const LOCKED_LIMIT = 1000;
/** `meta`: the vault's public key for this log, and how the log ended when the daemon was stopped. */
export const LOG_KEY = 'log_key';
export const LOG_END = 'log_end';

const LAYOUT_HANDED = Uint8Array.of(1);
const LAYOUT_OPENING = Uint8Array.of(2);
const LAYOUT_OWN = Uint8Array.of(3);

interface Segment {
  layout: typeof LAYOUT_HANDED;
  /** Of the next row; of the last one where that counts. */
  key: Uint8Array;
  /** The last row. */
  last: StoredPending;
  /** How many requests or changes the last row counts; null where it does not. */
  counted: number | null;
}

/** What the process that writes the log remembers of it. */
export interface WrittenRows {
  /** The last row: one more or less, or another one, is not its work. */
  last: StoredPending;
  /** The keys are those that the HSM gave out. */
  handed: boolean;
}

const NONE: StoredPending = { seq: 0, sealed: new Uint8Array() };

/**
 * Where the events of the locked vault go (docs/format.md, "Events of the locked vault"). Sealed with keys that the HSM gave out while the vault was unlocked, or, in
 * a daemon that was started on a locked vault, with keys of its own under the vault's public key.
 */
export class LockedLog {
  readonly #held: { readonly rows: Rows };
  readonly #vaultId: Uint8Array;
  readonly #reserve: Reserve;
  /** For the time after the next lock. */
  #handed: Uint8Array | null = null;
  #segment: Segment | null = null;

  constructor(held: { readonly rows: Rows }, vaultId: Uint8Array, reserve: Reserve) {
    this.#held = held;
    this.#vaultId = vaultId;
    this.#reserve = reserve;
  }

  /** The file may have been opened anew since the last time. */
  get #rows(): Rows {
    return this.#held.rows;
  }

  /** What this process knows about the rows; null when it has written none. */
  get written(): WrittenRows | null {
    return this.#segment === null ? null : { last: this.#segment.last, handed: this.#segment.layout === LAYOUT_HANDED };
  }

  /** The vault is unlocked, and the audit chain ends where `key` belongs. */
  hand(key: Uint8Array): void {
    wipe(this.#handed, this.#segment?.key);
    this.#segment = null;
    this.#handed = key;
  }

  /** The vault has been locked. */
  begin(): void {
    const handed = this.#handed;
    this.#handed = null;
    if (handed === null) return;
    // There are rows when nothing was written since the unlock: they have used these keys.
    const last = this.#rows.pendingLast() ?? NONE;
    if (last.seq > LOCKED_LIMIT) return;
    let key = handed;
    for (let seq = 0; seq < last.seq; seq++) key = nextLockedKey(key);
    this.#segment = { layout: LAYOUT_HANDED, key, last, counted: null };
  }

  /** Sees to it that there are keys. Throws `Locked` for a vault that was never unlocked by a version that leaves its public key. */
  async open(): Promise<void> {
    if (this.#segment !== null) return;
    const publicKey = this.#rows.meta(LOG_KEY);
    if (publicKey === null) {
      throw new KeyholdError('Locked', 'Nothing can be recorded before the vault has been unlocked once. Unlock it.');
    }
    const seq = (this.#rows.pendingLast()?.seq ?? 0) + 1;
    const key = systemRandom.bytes(LOCKED_KEY_BYTES);
    const sealed = await sealLockedKey(publicKey, this.#vaultId, seq, key);
    if (sealed === null) throw corrupt(`meta ${LOG_KEY}`, 'it is not a public key');
    if (this.#segment !== null) return;
    const opening = { seq, sealed: concat(LAYOUT_OPENING, sealed) };
    this.#reserve.use(() => this.#rows.putPending(opening));
    this.#segment = { layout: LAYOUT_OWN, key, last: opening, counted: null };
  }

  /** Writes events in one transaction, after `open` and while the vault is locked. When it throws, nothing has changed. */
  append(events: readonly AuditEvent[]): void {
    const before = this.#segment;
    if (before === null) throw new TypeError('The locked log has not been opened.');
    if (events.length > 0) this.#segment = this.#reserve.use(() => this.#write(before, events));
  }

  #write(before: Segment, events: readonly AuditEvent[]): Segment {
    return this.#rows.transaction(() => {
      let segment = before;
      for (const [index, event] of events.entries()) {
        const full = segment.counted !== null || segment.last.seq >= LOCKED_LIMIT;
        if (full) return this.#count(segment, events.slice(index));
        const last = this.#put(segment, segment.last.seq + 1, event);
        segment = { ...segment, key: nextLockedKey(segment.key), last };
      }
      return segment;
    });
  }

  /** The row that counts is written over with each further event, under the same key. */
  #count(segment: Segment, events: readonly AuditEvent[]): Segment {
    const counted = (segment.counted ?? 0) + requestsIn(events);
    const seq = segment.last.seq + (segment.counted === null ? 1 : 0);
    const last = this.#put(segment, seq, overflowEvent(counted, events.at(-1)?.time ?? ''));
    return { ...segment, last, counted };
  }

  #put(segment: Segment, seq: number, event: AuditEvent): StoredPending {
    const sealed = sealLocked(segment.key, systemRandom, this.#vaultId, seq, utf8(JSON.stringify(event)));
    const row = { seq, sealed: concat(segment.layout, sealed) };
    this.#rows.putPending(row);
    return row;
  }

  /** The daemon is being stopped: notes where the log ends, so that the next one knows. */
  end(): void {
    const segment = this.#segment;
    if (segment?.layout !== LAYOUT_HANDED) return;
    const { seq, sealed } = segment.last;
    const key = segment.counted === null ? segment.key : nextLockedKey(segment.key);
    const lastHash = sha256(sealed);
    const mac = lockedEndMac(key, this.#vaultId, seq, lastHash);
    wipe(segment.key);
    this.#segment = null;
    try {
      this.#reserve.use(() => this.#rows.setMeta(LOG_END, concat(u64(seq), lastHash, mac)));
    } catch (error) {
      // The next unlock will say that the log was not closed, which is so.
      if (!(error instanceof KeyholdError)) throw error;
    }
  }
}
