import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../contract/schemas.ts';
import type { PendingEvents } from '../audit/pending.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Hsm, HsmOutput, KekRow, ObjectRef, SlotRow } from '../hsm/protocol.ts';
import { checkAnchor, isAnchored, writeAnchor } from './anchor.ts';
import { type OpenFileOptions, openVaultFile, type VaultFile } from './file.ts';
import { corrupt, finding, tampered } from './findings.ts';
import { putBack, whereIs } from './in-place.ts';
import type { JsonKind, RecordKind } from './kinds.ts';
import { loadLockedLog } from './load-locked-log.ts';
import { Loaded, locked, type StoredItem } from './loaded.ts';
import { LockedLog } from './locked-log.ts';
import { type Change, isLogOnly, type Plan, planChange, recordsOf, withPending } from './plan.ts';
import { Reserve } from './reserve.ts';
import { type RowWrite, recordedRows } from './row-writes.ts';
import type { Rows } from './rows.ts';
import {
  type DiskHead,
  type DiskState,
  type RecordHeader,
  readDisk,
  readDiskHead,
  refuseFindings,
  verifyState,
} from './state.ts';
import { writePlan } from './write-plan.ts';

/** Commits of nothing but audit entries between two writings of `anchor.json`. */
const ANCHOR_EVERY = 8;

export interface OpenVaultOptions extends OpenFileOptions {
  /** False for a copy: `anchor.json` beside it is left alone. */
  anchor?: boolean;
}

/** What a change is decided on, inside the writer's queue: nothing else writes meanwhile. */
export interface VaultView {
  has(id: string): boolean;
  version(id: string): number | undefined;
  slots(): readonly SlotRow[];
  keks(): readonly KekRow[];
}

export interface Committed {
  generation: number;
  /** Ids of `put`, in order. */
  ids: string[];
}

/** Further copies of the vault, to which every committed change goes. */
export interface Copies {
  /** True while there are any. */
  readonly listening: boolean;
  /** A transaction has been committed; called in order. */
  committed(writes: readonly RowWrite[]): void;
  /** Resolves when every copy within reach has what was committed so far; never rejects. */
  settled(): Promise<void>;
}

const NO_COPIES: Copies = { listening: false, committed: () => undefined, settled: () => Promise.resolve() };

/**
 * An open vault file. Locked until `load`, which needs an HSM that has been unlocked with this vault's slots and head. All writes
 * go through one queue; what is in memory is what is on disk.
 */
export class Vault {
  readonly vaultId: Uint8Array;
  /** ms since epoch; informational, not authenticated. */
  readonly createdAt: number;
  /** What the log is written with when the disk is full. */
  readonly reserve: Reserve;
  #file: VaultFile;
  #rows: Rows;
  #copies: Copies = NO_COPIES;
  readonly #anchored: boolean;
  readonly #open: () => VaultFile;
  readonly #lockedLog: LockedLog;
  #loaded: Loaded | null = null;
  #loading: Promise<void> | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #anchoredGeneration = 0;
  #listeners = new Set<(generation: number) => void>();

  constructor(open: () => VaultFile, anchored: boolean) {
    const file = open();
    this.#open = open;
    this.#file = file;
    this.#anchored = anchored;
    this.#rows = this.#recorded(file.rows);
    this.reserve = new Reserve(file.path);
    const id = file.rows.meta('vault_id');
    if (id === null || id.length !== 16) throw corrupt('meta vault_id', 'it is missing');
    this.vaultId = id;
    const created = Number(Buffer.from(file.rows.meta('created_at') ?? []).toString('latin1'));
    if (!Number.isSafeInteger(created) || created < 0) throw corrupt('meta created_at', 'it is not a time');
    this.createdAt = created;
    this.#lockedLog = new LockedLog(this.rows, this.vaultId, this.reserve);
  }

  get path(): string {
    return this.#file.path;
  }
  get format(): number {
    return this.#file.format;
  }
  get warnings(): readonly string[] {
    return this.#file.warnings;
  }
  get file(): VaultFile {
    return this.#file;
  }
  get rows(): Rows {
    return this.#rows;
  }
  /** False when the file was deleted or another one was put in its place since it was opened. */
  get isInPlace(): boolean {
    return whereIs(this.#file) === 'in place';
  }
  get isLoaded(): boolean {
    return this.#loaded !== null;
  }
  /** The HSM this vault was loaded with; `Locked` when it is not. */
  get hsm(): Hsm {
    return this.#session().hsm;
  }
  get generation(): number {
    return this.#session().head.generation;
  }
  /** Last number and hash of the audit chain. */
  get auditEnd(): { seq: number; hash: Uint8Array } {
    const { head } = this.#session();
    return { seq: head.auditSeq, hash: head.auditHash };
  }
  /** What was recorded while locked and has not entered the chain yet; null when there is nothing. */
  get pending(): PendingEvents | null {
    return this.#session().pending;
  }
  get recordCount(): number {
    return this.#session().records.size;
  }

  /** Head, MAC and everything the MAC covers, from disk: the input of the HSM's `unlock`. */
  readHead(): DiskHead {
    return readDiskHead(this.rows);
  }
  slots(): SlotRow[] {
    return this.#loaded === null ? this.rows.slots() : [...this.#loaded.head.slots];
  }
  keks(): KekRow[] {
    return this.#loaded === null ? this.rows.keks() : [...this.#loaded.head.keks];
  }

  /**
   * Reads the list of records (or takes it as `disk`, just read) and verifies it (see `readState`). Afterwards records can be read and written until `lock`.
   *
   * @throws VaultTampered with `details.findings`, VaultRolledBack unless `acceptRollback`.
   */
  load(hsm: Hsm, options: { acceptRollback?: boolean; disk?: DiskState } = {}): Promise<void> {
    const loading = this.#load(hsm, options);
    const over = () => {
      this.#loading = null;
    };
    this.#loading = loading.then(over, over);
    return loading;
  }

  async #load(hsm: Hsm, options: { acceptRollback?: boolean; disk?: DiskState }): Promise<void> {
    const state = await verifyState(this.rows, hsm, options.disk ?? readDisk(this.rows));
    refuseFindings(state.findings);
    const generation = state.head.state.generation;
    if (this.#anchored && options.acceptRollback !== true) {
      checkAnchor(this.path, { vaultId: toHex(this.vaultId), generation });
    }
    if (this.#anchored && isAnchored(this.path, toHex(this.vaultId), generation)) this.#anchoredGeneration = generation;
    const { auditSeq, auditHash } = state.head.state;
    const log = { rows: this.rows, written: this.#lockedLog.written, reserve: this.#anchored ? this.reserve : null };
    const { pending, key } = await loadLockedLog(hsm, { auditSeq, auditHash }, log);
    this.#loaded = new Loaded(hsm, () => this.rows, state, pending);
    this.#lockedLog.hand(key);
    this.anchor();
  }

  /** Ids of a kind, in no particular order. */
  ids(kind: RecordKind): string[] {
    return this.#session().ids(kind);
  }

  header(id: string): RecordHeader | undefined {
    return this.#session().records.get(id);
  }

  /** All records of a kind, decrypted in batches and kept until lock. */
  async read(kind: JsonKind): Promise<StoredItem[]> {
    return this.#session().read(kind);
  }

  /** One record of a JSON kind; null when there is none with this id. */
  async get(id: string): Promise<StoredItem | null> {
    return this.#session().get(id);
  }

  /** A reference to an HSM object with its sealed blob. `NotFound` when there is none. */
  blob(id: string): Required<ObjectRef> {
    return this.#session().blob(id);
  }

  /**
   * Commits one change; `build` runs when its turn in the queue has come, so that what it checks still holds when it is written.
   * Resolves after COMMIT (synchronous=FULL), in this file and in every copy within reach. When it rejects, neither the file nor memory has changed.
   */
  transact(build: Change | ((view: VaultView) => Change | Promise<Change>)): Promise<Committed> {
    return this.exclusive(async () => {
      const session = this.#session();
      const built = typeof build === 'function' ? await build(this.#view(session)) : build;
      const change = withPending(built, session.pending);
      const plan = planChange(session, change, () => randomBytes(16).toString('hex'));
      const sealed = await session.hsm.call('commit', {
        records: recordsOf(plan),
        pages: plan.pages,
        audit: plan.audit,
        head: plan.head,
      });
      if (this.#loaded !== session) throw locked();
      this.#write(session, plan, sealed, change);
      if (this.#copies.listening) await this.#copies.settled();
      return { generation: plan.head.generation, ids: plan.puts.map((put) => put.id) };
    });
  }

  /** Keeps events of the locked vault for the next unlock; false when it has been unlocked by now. Throws like `transact`. */
  async recordLocked(events: readonly AuditEvent[]): Promise<boolean> {
    // What comes in while the vault is being loaded is not among what has been read; it belongs into the chain, if that succeeds.
    await this.#loading;
    await this.#lockedLog.open();
    if (this.#loaded !== null || this.#loading !== null) return false;
    this.#seeToPlace();
    this.#lockedLog.append(events);
    if (this.#copies.listening) await this.#copies.settled();
    return true;
  }

  /** From now on every change also goes to these copies; null for none. */
  copyTo(copies: Copies | null): void {
    this.#copies = copies ?? NO_COPIES;
  }

  /** Runs `work` while nothing is written. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Called after each commit with the new generation. Answers how to stop. */
  onCommit(listener: (generation: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Notes the present generation in `anchor.json`. */
  anchor(): void {
    const session = this.#loaded;
    if (session === null || !this.#anchored || this.#anchoredGeneration === session.head.generation) return;
    try {
      writeAnchor(this.path, { vaultId: toHex(this.vaultId), generation: session.head.generation });
      this.#anchoredGeneration = session.head.generation;
    } catch (error) {
      // The vault itself is safe; the next writing may succeed. A lost anchor only weakens the check against older files.
      const warning = `The generation could not be noted in anchor.json (${error instanceof Error ? error.message : 'unknown'}).`;
      if (!this.#file.warnings.includes(warning)) this.#file.warnings.push(warning);
    }
  }

  /** Waits for writes under way, then forgets everything that was decrypted. The file stays open and held. */
  async lock(): Promise<void> {
    await this.#tail;
    this.lockNow();
  }

  /** Forgets at once; writes under way reject with `Locked` and change nothing. For when the HSM has gone. */
  lockNow(): void {
    this.anchor();
    this.#loaded?.forget();
    this.#loaded = null;
    this.#lockedLog.begin();
  }

  /** Locks, lets go of the file and its lock. */
  async close(): Promise<void> {
    await this.lock();
    if (this.#anchored && this.#file.db.open) this.#putBackAtLast();
    if (this.#anchored && this.#file.db.open) this.#lockedLog.end();
    this.#file.close();
  }

  /** A commit must not go to a file that has no name any more. */
  #seeToPlace(): void {
    if (!this.#anchored) return;
    const where = whereIs(this.#file);
    if (where === 'gone') this.#putBack();
    else if (where === 'replaced') {
      throw tampered([finding('file', 'replaced', 'another file was put in its place while it was open')]);
    }
  }

  #putBackAtLast(): void {
    try {
      if (whereIs(this.#file) === 'gone') this.#putBack();
    } catch {
      // Its folder is gone too: whoever removed that wanted the vault gone.
    }
  }

  #putBack(): void {
    putBack(this.#file);
    this.#file = this.#open();
    this.#rows = this.#recorded(this.#file.rows);
    this.#lockedLog.moved(this.#rows);
    this.#file.warnings.push(`${this.path} was deleted while it was open, and was written anew.`);
  }

  #recorded(rows: Rows): Rows {
    const copies = () => this.#copies;
    return recordedRows(rows, {
      get listening() {
        return copies().listening;
      },
      committed: (writes) => copies().committed(writes),
    });
  }

  #session(): Loaded {
    if (this.#loaded === null) throw locked();
    return this.#loaded;
  }

  #view(session: Loaded): VaultView {
    return {
      has: (id) => session.records.has(id),
      version: (id) => session.records.get(id)?.version,
      slots: () => session.head.slots,
      keks: () => session.head.keks,
    };
  }

  #write(session: Loaded, plan: Plan, sealed: HsmOutput<'commit'>, change: Change): void {
    this.#seeToPlace();
    const write = () => writePlan(this.rows, session.head, plan, sealed, change);
    const next = isLogOnly(change) ? this.reserve.use(write) : write();
    session.remember(plan, sealed, next);
    if (change.clearPending === true) session.pending = null;
    this.#lockedLog.hand(sealed.lockedKey);
    // Going back over a change of records (a revoked client, a disabled key) must show; over a few log entries, less urgently.
    const changesState = sealed.pages.length > 0;
    if (change.slots !== undefined || change.keks !== undefined) {
      this.rows.checkpoint();
      this.anchor();
    } else if (changesState || next.generation - this.#anchoredGeneration >= ANCHOR_EVERY) {
      this.anchor();
    }
    for (const listener of this.#listeners) listener(next.generation);
  }
}

/** Opens a vault file and holds it. See `openVaultFile` for the errors. */
export function openVault(path: string, options: OpenVaultOptions = {}): Vault {
  let file: VaultFile | undefined;
  const open = (): VaultFile => {
    file = openVaultFile(path, options);
    return file;
  };
  try {
    return new Vault(open, options.anchor !== false);
  } catch (error) {
    file?.close();
    throw error;
  }
}
