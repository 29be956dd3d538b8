import { randomBytes } from 'node:crypto';
import { KeyholdError } from '../../contract/errors.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import type { PendingEvents } from '../audit/pending.ts';
import { toHex } from '../crypto/bytes.ts';
import type { HeadState, Hsm, HsmInput, HsmOutput, KekRow, ObjectRef, SlotRow } from '../hsm/protocol.ts';
import { AnchorNote } from './anchor.ts';
import { CopyLock } from './copy-lock.ts';
import { type OpenFileOptions, openVaultFile, type VaultFile } from './file.ts';
import { corrupt } from './findings.ts';
import { type Copies, HeldFile } from './held-file.ts';
import type { JsonKind, RecordKind } from './kinds.ts';
import { loadLockedLog } from './load-locked-log.ts';
import { Loaded, locked, type StoredItem } from './loaded.ts';
import { LockedLog } from './locked-log.ts';
import type { ManifestEntry } from './manifest.ts';
import { type Change, isLogOnly, type Plan, planChange, recordsOf, withPending } from './plan.ts';
import type { RecordSet } from './record-set.ts';
import { Reserve } from './reserve.ts';
import type { Rows, StoredRecord } from './rows.ts';
import { showUsers } from './show-users.ts';
import { type DiskHead, type DiskState, readDisk, readDiskHead, refuseFindings, verifyState } from './state.ts';
import { type SealedBy, type SealedChange, writePlan, writeSealed } from './write-plan.ts';

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

/** What a transaction that the HSM makes as a whole is made from. */
export interface RewriteState {
  rows: Rows;
  hsm: Hsm;
  head: HeadState;
  records: RecordSet;
}

export interface Rewrite {
  change: SealedChange;
  sealed: SealedBy;
  settled?(written: boolean): Promise<void>;
}

interface Remembered {
  change: { slots?: unknown; keks?: unknown; sameContent?: boolean };
  sealed: SealedBy;
}

export interface Committed {
  generation: number;
  /** Ids of `put`, in order. */
  ids: string[];
}

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
  readonly copyLock = new CopyLock();
  /** Hears that the unlocked vault was changed from outside. */
  onTampered: ((error: KeyholdError) => void) | undefined;
  readonly #held: HeldFile;
  /** Null for a copy. */
  readonly #anchor: AnchorNote | null;
  readonly #lockedLog: LockedLog;
  #loaded: Loaded | null = null;
  #loading: Promise<void> | null = null;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(held: HeldFile, anchored: boolean) {
    const { file, rows } = held;
    this.#held = held;
    this.reserve = new Reserve(file.path);
    const id = rows.meta('vault_id');
    if (id === null || id.length !== 16) throw corrupt('meta vault_id', 'it is missing');
    this.vaultId = id;
    const created = Number(Buffer.from(rows.meta('created_at') ?? []).toString('latin1'));
    if (!Number.isSafeInteger(created) || created < 0) throw corrupt('meta created_at', 'it is not a time');
    this.createdAt = created;
    this.#anchor = anchored ? new AnchorNote(file.path, toHex(id)) : null;
    this.#lockedLog = new LockedLog(held, this.vaultId, this.reserve);
  }

  get path(): string {
    return this.#held.file.path;
  }
  get format(): number {
    return this.#held.file.format;
  }
  get warnings(): readonly string[] {
    return this.#held.file.warnings;
  }
  get file(): VaultFile {
    return this.#held.file;
  }
  get rows(): Rows {
    return this.#held.rows;
  }
  /** False when the file was deleted or another one was put in its place since it was opened. */
  get isInPlace(): boolean {
    return this.#held.isInPlace;
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
    await showUsers(hsm, this.rows, state);
    const generation = state.head.state.generation;
    this.#anchor?.check(generation, options.acceptRollback === true);
    const { auditSeq, auditHash } = state.head.state;
    const log = {
      rows: this.rows,
      written: this.#lockedLog.written,
      reserve: this.#anchor === null ? null : this.reserve,
    };
    const { pending, key } = await loadLockedLog(hsm, { auditSeq, auditHash }, log);
    this.#loaded = new Loaded(hsm, () => this.rows, state, pending);
    this.#lockedLog.hand(key);
    this.anchor();
  }

  /** There are HSM users, so that some changes ask for their approval. */
  get hasUsers(): boolean {
    return this.#session().hasUsers;
  }

  /** The stored records of the objects among these ids. Throws `VaultTampered`. */
  objectRecords(ids: readonly string[]): StoredRecord[] {
    return this.#watched(() => this.#session().objectRecords(ids));
  }

  /** Ids of a kind, in order. */
  ids(kind: RecordKind): string[] {
    return this.#session()
      .records.ofKind(kind)
      .map(({ id }) => id);
  }

  header(id: string): ManifestEntry | undefined {
    return this.#session().records.get(id);
  }

  /** Undefined for a record that there is not. */
  version(id: string): number | undefined {
    return this.#session().records.version(id);
  }

  /** All records of a kind, decrypted; in no particular order. */
  async read(kind: JsonKind): Promise<StoredItem[]> {
    const session = this.#session();
    const found = new Map<string, StoredItem>();
    await this.each(kind, (items) => {
      for (const item of items) found.set(item.id, item);
    });
    return [...found.values()].filter(({ id }) => session.records.has(id));
  }

  /** The same in batches, as they are decrypted; the next one is waited for until `take` is done. A record that changes meanwhile comes again. */
  async each(kind: JsonKind, take: (items: readonly StoredItem[]) => Promise<void> | void): Promise<void> {
    await this.#watching(this.#session().each(kind, take));
  }

  /** One record of a JSON kind; null when there is none with this id. */
  async get(id: string): Promise<StoredItem | null> {
    return this.#watching(this.#session().get(id));
  }

  /** A reference to an HSM object with its sealed blob. `NotFound` when there is none. */
  blob(id: string): Required<ObjectRef> {
    return this.#watched(() => this.#session().blob(id));
  }

  /**
   * Commits one change; `build` runs when its turn in the queue has come, so that what it checks still holds when it is written.
   * Resolves after COMMIT (synchronous=FULL), in this file and in every copy within reach. When it rejects, neither the file nor memory has changed.
   */
  transact(build: Change | ((view: VaultView) => Change | Promise<Change>)): Promise<Committed> {
    return this.#watching(this.#transact(build));
  }

  #transact(build: Change | ((view: VaultView) => Change | Promise<Change>)): Promise<Committed> {
    return this.exclusive(async () => {
      const session = this.#session();
      const built = typeof build === 'function' ? await build(this.#view(session)) : build;
      const change = withPending(built, session.pending);
      const plan = planChange(session, change, () => randomBytes(16).toString('hex'));
      const sealed = await session.hsm.call('commit', {
        records: recordsOf(plan),
        ...this.#shown(session, plan),
        audit: plan.audit.packed,
        head: plan.head,
      });
      if (this.#loaded !== session) throw locked();
      this.#write(session, plan, sealed, change);
      await this.#held.settled();
      return { generation: plan.head.generation, ids: plan.puts.map((put) => put.id) };
    });
  }

  /**
   * Writes one transaction that the HSM makes as a whole: other keys, the same contents. `make` runs when its turn has come; null when there is nothing to write. What
   * it answers is told by `settled` what became of it, before anything else is written.
   */
  rewrite(make: (state: RewriteState) => Promise<Rewrite | null>): Promise<boolean> {
    return this.#watching(
      this.exclusive(async () => {
        const session = this.#session();
        const made = await make({ rows: this.rows, hsm: session.hsm, head: session.head, records: session.records });
        if (made === null) return false;
        let written = false;
        try {
          if (this.#loaded !== session) throw locked();
          if (this.#anchor !== null) this.#held.seeToPlace();
          const next = writeSealed(this.rows, session.head, made.change);
          written = true;
          if (made.change.clearPending === true) session.pending = null;
          this.#remember(session, made, next);
        } finally {
          await made.settled?.(written);
        }
        await this.#held.settled();
        return true;
      }),
    );
  }

  /** What was recorded while the vault was locked enters the log with this. */
  withPending(change: Change): Change {
    return withPending(change, this.#session().pending);
  }

  /** Keeps events of the locked vault for the next unlock; false when it has been unlocked by now. Throws like `transact`. */
  async recordLocked(events: readonly AuditEvent[]): Promise<boolean> {
    // What comes in while the vault is being loaded is not among what has been read; it belongs into the chain, if that succeeds.
    await this.#loading;
    await this.#lockedLog.open();
    if (this.#loaded !== null || this.#loading !== null) return false;
    if (this.#anchor !== null) this.#held.seeToPlace();
    this.#lockedLog.append(events);
    await this.#held.settled();
    return true;
  }

  /** From now on every change also goes to these copies; null for none. */
  copyTo(copies: Copies | null): void {
    this.#held.copyTo(copies);
  }

  /** Runs `work` while nothing is written. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Notes the present generation in `anchor.json`. */
  anchor(): void {
    const session = this.#loaded;
    if (session === null) return;
    const warning = this.#anchor?.note(session.head.generation) ?? null;
    const { warnings } = this.#held.file;
    if (warning !== null && !warnings.includes(warning)) warnings.push(warning);
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
    if (this.#anchor !== null && this.file.db.open) {
      this.#held.seeToPlaceAtLast();
      this.#lockedLog.end();
    }
    this.file.close();
  }

  /** What was found of the unlocked vault is told at once, whoever asked and whatever they make of it. */
  tell(error: unknown): void {
    if (this.isLoaded && error instanceof KeyholdError && error.code === 'VaultTampered') this.onTampered?.(error);
  }

  #watched<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.tell(error);
      throw error;
    }
  }

  #watching<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      this.tell(error);
      throw error;
    });
  }

  #session(): Loaded {
    if (this.#loaded === null) throw locked();
    return this.#loaded;
  }

  /** The pages after the change; where the HSM has users, also what it decides by for them: the pages before it and the objects that go, are replaced and come. */
  #shown(session: Loaded, plan: Plan): Pick<HsmInput<'commit'>, 'pages' | 'removed' | 'added'> {
    if (session.hasUsers) {
      const added = plan.objects.flatMap(({ id, kind, version, blob }) =>
        kind === 'object' ? [{ id, kind, version, sealed: blob }] : [],
      );
      const replaced = added.flatMap(({ id }) => (session.records.has(id) ? [id] : []));
      return { pages: plan.pages, removed: session.objectRecords([...plan.removed, ...replaced]), added };
    }
    return { pages: plan.pages.map(({ page, entries }) => ({ page, entries })) };
  }

  #view(session: Loaded): VaultView {
    return {
      has: (id) => session.records.has(id),
      version: (id) => session.records.version(id),
      slots: () => session.head.slots,
      keks: () => session.head.keks,
    };
  }

  #write(session: Loaded, plan: Plan, sealed: HsmOutput<'commit'>, change: Change): void {
    if (this.#anchor !== null) this.#held.seeToPlace();
    const write = () => writePlan(this.rows, session.head, plan, sealed, change);
    const next = isLogOnly(change) ? this.reserve.use(write) : write();
    this.#remember(session, { change, sealed }, next);
    if (change.clearPending === true) session.pending = null;
  }

  /** Memory takes over what has been written. */
  #remember(session: Loaded, { change, sealed }: Remembered, next: HeadState): void {
    session.remember(sealed, next);
    this.#lockedLog.hand(sealed.lockedKey);
    // Going back over a change of records (a revoked client, a disabled key) must show; over a few log entries, or the same under other keys, less urgently.
    const changesState = sealed.pages.length > 0 && change.sameContent !== true;
    const changesKeys = [change.slots, change.keks].some((part) => part !== undefined && part !== false);
    if (changesKeys) {
      this.rows.checkpoint();
      this.anchor();
    } else if (changesState || this.#anchor?.isDue(next.generation) === true) {
      this.anchor();
    }
  }
}

/** Opens a vault file and holds it. See `openVaultFile` for the errors. */
export function openVault(path: string, options: OpenVaultOptions = {}): Vault {
  const held = new HeldFile(() => openVaultFile(path, options));
  try {
    return new Vault(held, options.anchor !== false);
  } catch (error) {
    held.file.close();
    throw error;
  }
}
