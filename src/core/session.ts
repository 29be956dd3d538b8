import { KeyholdError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import type { AuditEvent } from '../contract/schemas.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { describeAct } from './describe-act.ts';
import { type Actor, Draft, hexId } from './draft.ts';
import { gatedHsm } from './gates/gated-hsm.ts';
import { SessionTouches } from './gates/session-touches.ts';
import type { TouchBroker } from './gates/touch-broker.ts';
import type { GuardedUsers, Hsm, ObjectRef } from './hsm/protocol.ts';
import { KeyStoreWork } from './kms/key-store-work.ts';
import { KmsUsage } from './kms/kms-usage.ts';
import { Leaver } from './leave/leaver.ts';
import { ObjectCatalogue } from './object-catalogue.ts';
import { PanicTurns } from './panic/turns.ts';
import type { Ports } from './ports.ts';
import { requireReadable } from './require-readable.ts';
import type { Outside } from './sessions/outside.ts';
import { SessionBroker } from './sessions/session-broker.ts';
import type { SignInPorts } from './sign-ins/driver.ts';
import { SignIns } from './sign-ins/sign-ins.ts';
import { SigningKeys } from './signing-keys.ts';
import { type Changed, sortDraft } from './sort-draft.ts';
import { type Found, type Thing, type ThingKind, Things, VAULT_KINDS } from './things.ts';
import { Tokens } from './tokens/tokens.ts';
import { Turns } from './turns.ts';
import { UsageNotes } from './usage-notes.ts';
import type { Vault } from './vault/store.ts';

export interface SessionParts extends Outside {
  ports: Ports;
  vault: Vault;
  hsm: Hsm;
  audit: AuditLog;
  /** Gets touches of security keys for what wants one. */
  touch: TouchBroker;
  /** What people sign in with. */
  signIns: SignInPorts;
  emit(event: DaemonEvent): void;
}

/** What is read before a kind is complete, because whoever asks for its records asks for those as well: for the origins of profiles, and whether a panic lets anything leave. */
const READ_WITH: { readonly [K in ThingKind]?: readonly ThingKind[] } = {
  profile: ['signIn', 'certificate'],
  leftSession: ['panic'],
};

/** Records made into things at a stretch, before whatever else waits gets its turn. */
const SLICE = 256;

/**
 * An unlocked vault: from one unlock to the lock after it. Everything decrypted hangs on this object and is let go with it. Records are read when they are first
 * needed, a whole kind at a time: an unlock does not wait for them.
 */
export class Session {
  /** Of use for the kinds that `need` has read. */
  readonly things = new Things();
  readonly #reading = new Map<ThingKind, Promise<void>>();
  readonly vault: Vault;
  readonly hsm: Hsm;
  readonly audit: AuditLog;
  readonly usage: UsageNotes;
  readonly kmsUsage = new KmsUsage();
  readonly keyStoreWork = new KeyStoreWork();
  readonly signingKeys: SigningKeys;
  readonly touches = new SessionTouches();
  /** Of what asks AWS or a token to change something. */
  readonly turns = new Turns();
  readonly tokens: Tokens;
  readonly broker: SessionBroker;
  readonly signIns: SignIns;
  readonly leaver: Leaver;
  readonly panics = new PanicTurns();
  readonly objects: ObjectCatalogue;
  readonly unlockedAt: number;
  /** Keys whose end waits for a quorum, by record id; each is in the log. */
  readonly awaitingQuorum = new Set<string>();
  readonly #touch: TouchBroker;
  readonly #ports: Ports;
  readonly #emit: (event: DaemonEvent) => void;
  /** Called after each change of the things, with nothing decided in between. */
  onChange: (() => void) | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor({ ports, vault, hsm, audit, touch, signIns, emit, ...outside }: SessionParts) {
    this.#ports = ports;
    this.#touch = touch;
    this.vault = vault;
    this.hsm = gatedHsm(hsm, touch, () => this);
    this.audit = audit;
    this.#emit = emit;
    this.unlockedAt = ports.clock.now();
    this.usage = new UsageNotes();
    this.objects = new ObjectCatalogue(vault, hsm);
    this.signingKeys = new SigningKeys(this.hsm);
    this.tokens = new Tokens(ports, this);
    const changed = (what: Changed) => (): void => emit({ type: 'changed', what: [what] });
    this.broker = new SessionBroker({ ...outside, ports, session: this, changed: changed('sessions') });
    this.signIns = new SignIns({ ports, session: this, outside: signIns, changed: changed('signIns') });
    this.leaver = new Leaver({ ...outside, ports, session: this });
  }

  /** The session of a vault that has just been loaded; of its records, only the settings are read. Throws `VaultTampered` or `VaultCorrupt`. */
  static async open(parts: SessionParts): Promise<Session> {
    const session = new Session(parts);
    await session.need('settings');
    return session;
  }

  /**
   * Sees to it that all records of these kinds have been read; each kind is read once, whoever asks. Throws `VaultTampered` or `VaultCorrupt` for a record that
   * does not verify, `Locked` when the vault is locked meanwhile; the next call tries again.
   */
  async need(...kinds: readonly ThingKind[]): Promise<Things> {
    this.#assertOpen();
    for (const kind of kinds) if (!this.things.isComplete(kind)) await this.#readOnce(kind);
    this.#assertOpen();
    return this.things;
  }

  #readOnce(kind: ThingKind): Promise<void> {
    const under = this.#reading.get(kind);
    if (under !== undefined) return under;
    const reading = this.#read(kind).finally(() => this.#reading.delete(kind));
    this.#reading.set(kind, reading);
    return reading;
  }

  async #read(kind: ThingKind): Promise<void> {
    for (const other of READ_WITH[kind] ?? []) if (!this.things.isComplete(other)) await this.#readOnce(other);
    // Nothing writes a kind that is not complete, so this is still all of it when the last batch has been taken.
    await this.vault.each(kind, async (items) => {
      for (let from = 0; from < items.length; from += SLICE) {
        this.#assertOpen();
        for (const { id, data } of items.slice(from, from + SLICE)) this.things.load(kind, id, data);
        if (from + SLICE < items.length) await new Promise((resolve) => setImmediate(resolve));
      }
    });
    this.things.complete(kind);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** A new record's or object's id: 32 hex digits. */
  newId(): string {
    return hexId(this.#ports);
  }

  /** A reference for the HSM; it asks for the blob when it does not hold the object yet. */
  objectRef(id: string): ObjectRef {
    const version = this.vault.version(id);
    if (version === undefined) throw new KeyholdError('VaultCorrupt', `Key object ${id} is missing. Restore a backup.`);
    return { id, version };
  }

  /**
   * One change, alone: `fill` checks and drafts, then everything drafted is committed in one transaction with its audit entries. What `fill` answers is run
   * once that has happened and gives the call's result. When anything fails, nothing has changed. The kinds given have been read when `fill` runs: without any,
   * all but those of the local services, of which there can be many.
   */
  write<T>(
    actor: Actor,
    fill: (draft: Draft) => (() => T) | Promise<() => T>,
    kinds: readonly ThingKind[] = VAULT_KINDS,
  ): Promise<T> {
    const result = this.#tail.then(async () => {
      await this.need(...kinds);
      const draft = new Draft(this.#ports, actor);
      const finish = await fill(draft);
      await this.#commit(draft);
      return finish();
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /**
   * Uses up the officers' approval to let objects leave the HSM within the next five minutes; nothing where no quorum guards them. Written before they leave: an
   * approval that was used is gone, whatever becomes of the export. `objects` reads `kinds`, when nothing else writes. Throws `QuorumRequired`.
   */
  async allowExport(actor: Actor, objects: () => readonly string[], kinds: readonly ThingKind[] = []): Promise<void> {
    if (!this.vault.hasUsers) return;
    const fill = (draft: Draft): (() => void) => {
      draft.exporting.push(...objects());
      return () => undefined;
    };
    await this.write(actor, fill, kinds);
  }

  /** Writes an audit entry of something that changes no record. */
  async note(actor: Actor, ...entry: Parameters<Draft['record']>): Promise<void> {
    const fill = (draft: Draft): (() => void) => {
      draft.record(...entry);
      return () => undefined;
    };
    await this.write(actor, fill, []);
  }

  /** Writes the counters gathered since the last time; they are not worth an audit entry. */
  async flushUsage(): Promise<void> {
    await this.touches.flush(this);
    await this.#flushKmsUsage();
    if (this.usage.empty) return;
    const notes = this.usage.take();
    try {
      await this.#writeUsage(notes);
    } catch (error) {
      this.usage.putBack(notes);
      throw error;
    }
  }

  async #flushKmsUsage(): Promise<void> {
    if (this.kmsUsage.empty) return;
    const uses = this.kmsUsage.take();
    const fill = (draft: Draft): (() => void) => {
      for (const [id, lastUse] of uses) {
        const value = this.things.get('kmsKey', id);
        if (value !== undefined) draft.put('kmsKey', id, { ...value, lastUse });
      }
      return () => undefined;
    };
    try {
      await this.write('daemon', fill, ['kmsKey']);
    } catch (error) {
      this.kmsUsage.putBack(uses);
      throw error;
    }
  }

  #writeUsage(notes: ReturnType<UsageNotes['take']>): Promise<void> {
    const fill = (draft: Draft): (() => void) => {
      for (const [id, note] of notes.clients) {
        const value = this.things.get('client', id);
        if (value === undefined) continue;
        const lastUsedAt = Math.max(value.lastUsedAt ?? 0, note.at);
        draft.put('client', id, { ...value, lastUsedAt, requests: value.requests + note.requests });
      }
      for (const [id, note] of notes.keys) {
        const value = this.things.get('accessKey', id);
        if (value === undefined) continue;
        draft.put('accessKey', id, {
          ...value,
          lastUsedAt: note.at,
          ...(note.service === undefined ? {} : { lastUsedService: note.service }),
          ...(note.region === undefined ? {} : { lastUsedRegion: note.region }),
        });
      }
      return () => undefined;
    };
    return this.write('daemon', fill, ['client', 'accessKey']);
  }

  /** The record with what has not been written yet added. */
  freshClient({ id, value }: Found<'client'>): Found<'client'> {
    const note = this.usage.client(id);
    if (note === undefined) return { id, value };
    return { id, value: { ...value, lastUsedAt: note.at, requests: value.requests + note.requests } };
  }

  freshKey({ id, value }: Found<'accessKey'>): Found<'accessKey'> {
    const note = this.usage.key(id);
    if (note === undefined) return { id, value };
    const fresh: Thing<'accessKey'> = { ...value, lastUsedAt: note.at };
    if (note.service !== undefined) fresh.lastUsedService = note.service;
    if (note.region !== undefined) fresh.lastUsedRegion = note.region;
    return { id, value: fresh };
  }

  /** No new writes; resolves when those under way have ended. */
  async drain(): Promise<void> {
    await this.#tail;
  }

  /** Puts an event into the log that belongs to no change of the vault. */
  tell(event: AuditEvent): void {
    this.audit.record(event);
    this.#emit({ type: 'audit', event });
  }

  /** For the person, on every screen. */
  notice(level: 'info' | 'warning' | 'error', message: string): void {
    this.#emit({ type: 'notice', level, message });
  }

  /** Forgets what was derived and ends the token processes. The session is of no use afterwards. */
  close(): void {
    this.#closed = true;
    this.signingKeys.clear();
    this.#touch.cancel();
    this.tokens.stop();
    this.broker.stop();
    this.signIns.stop();
  }

  /** The HSM's word on what a quorum guards, with the users as they are once that is used up; null where nothing of it is guarded. Throws `QuorumRequired`. */
  async #guard(draft: Draft, removedObjects: readonly string[]): Promise<GuardedUsers | null> {
    const { destroyLater, keepAfterAll, exporting } = draft;
    if (!this.vault.hasUsers) return null;
    if (exporting.length > 0) return this.hsm.call('guardExport', { objects: this.vault.objectRecords(exporting) });
    if (removedObjects.length === 0 && destroyLater.length === 0 && keepAfterAll.length === 0) return null;
    return this.hsm.call('guardDestruction', {
      now: this.vault.objectRecords(removedObjects),
      added: draft.items.flatMap((item) =>
        'putObject' in item
          ? [{ id: item.putObject, kind: 'object' as const, version: item.version, sealed: item.blob }]
          : [],
      ),
      later: this.vault.objectRecords(destroyLater),
      kept: keepAfterAll,
    });
  }

  #assertOpen(): void {
    if (this.#closed) throw new KeyholdError('Locked', 'The vault is locked. Unlock it and try again.');
  }

  async #commit(draft: Draft): Promise<void> {
    const lists = [draft.items, draft.audit, draft.exporting];
    if (lists.every((list) => list.length === 0) && draft.slots === undefined && draft.users === undefined) return;
    await requireReadable(draft.items);
    const { change, removedObjects, changed } = sortDraft(draft, (id) => this.vault.version(id) !== undefined);
    const users = draft.users === undefined ? await this.#guard(draft, removedObjects) : { staged: draft.users };
    if (users !== null) {
      if ('used' in users) noteUse(draft, users);
      change.users = users.staged;
      changed.push('hsm');
    } else if (draft.items.length === 0 && draft.audit.length === 0 && draft.slots === undefined) return;
    // Before the commit, not after it: what has been written must reach the things.
    await this.need(...draft.items.flatMap((item) => ('put' in item ? item.put : 'remove' in item ? item.remove : [])));
    await this.vault.transact(change);
    for (const item of draft.items) {
      if ('put' in item) this.things.put(item.put, item.id, item.value);
      else if ('remove' in item) this.things.remove(item.remove, item.id);
    }
    this.onChange?.();
    if (removedObjects.length > 0) {
      for (const id of removedObjects) this.signingKeys.forget(id);
      // The removal is committed; a process that ended meanwhile has forgotten them anyway.
      await this.hsm.call('dropObjects', { ids: removedObjects }).catch(() => undefined);
    }
    for (const event of draft.audit) this.#emit({ type: 'audit', event });
    if (changed.length > 0) this.#emit({ type: 'changed', what: changed });
  }
}

/** What was approved and is done now enters the log with the change itself. */
function noteUse(draft: Draft, { used }: GuardedUsers): void {
  for (const { id, act } of used) draft.record('hsm.quorum.use', id, { reason: describeAct(act) });
}
