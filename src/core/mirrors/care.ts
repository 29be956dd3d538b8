import { KeyholdError } from '../../contract/errors.ts';
import { equal } from '../crypto/equal.ts';
import type { Hsm } from '../hsm/protocol.ts';
import type { Ports } from '../ports.ts';
import { isBeside } from '../vault/copy-beside.ts';
import type { Holder } from '../vault/holder.ts';
import type { Rows } from '../vault/rows.ts';
import { asidePath } from '../vault/set-aside.ts';
import type { Vault } from '../vault/store.ts';
import { catchUp, verifyMirror } from './catch-up.ts';
import { type RowsHead, readRowsHead, restWrites } from './copy-head.ts';
import { type Ancestry, isSame, relate } from './lineage.ts';
import type { Mirror } from './mirror.ts';
import type { CopyHead } from './protocol.ts';
import { conflictOf, isDamage, isLocked, isMissing, isOfTheVault, reasonOf } from './reasons.ts';

export interface CareParts {
  ports: Pick<Ports, 'clock' | 'log' | 'spawnMirror'>;
  holder(): Holder;
  /** Something about a mirror is different now. */
  onChange(): void;
  /** For the person. */
  notice(level: 'info' | 'warning' | 'error', message: string): void;
}

const OPEN_PATIENCE_MS = 60_000;
const ASK_PATIENCE_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** What is done for one mirror: open it, see how it stands to the vault, bring it in step, try again when it fails. */
export class MirrorCare {
  /** Null while it is not open. */
  vault: Vault | null = null;
  /** Null while the vault is locked. */
  hsm: Hsm | null = null;
  readonly #parts: CareParts;
  readonly #opening = new Map<Mirror, Promise<void>>();
  /** Copies that are being made in the background. */
  readonly #bringing = new Set<Promise<void>>();
  /** Complete copies are made one after another. */
  #copying: Promise<unknown> = Promise.resolve();

  constructor(parts: CareParts) {
    this.#parts = parts;
  }

  /** Opens a mirror, and brings it in step where that is possible now. Resolves once it is open or has failed; never rejects. */
  async start(mirror: Mirror): Promise<void> {
    await this.open(mirror);
    if (mirror.state === 'behind') this.bringUp(mirror);
  }

  /** Opens a mirror and compares it with the vault; once at a time. Never rejects. */
  open(mirror: Mirror): Promise<void> {
    const under = this.#opening.get(mirror);
    if (under !== undefined) return under;
    mirror.live = true;
    mirror.retry?.cancel();
    mirror.retry = null;
    mirror.retryAt = null;
    const opening = this.#open(mirror)
      .catch((error: unknown) => this.fail(mirror, error))
      .finally(() => {
        this.#opening.delete(mirror);
        this.#parts.onChange();
      });
    this.#opening.set(mirror, opening);
    return opening;
  }

  /** In step, behind or in conflict afterwards. */
  async #judge(mirror: Mirror): Promise<void> {
    const { vault } = this;
    const { head } = mirror;
    if (head === null) return;
    if (vault === null) return behind(mirror, 'the vault is not open');
    const own = readRowsHead(vault.rows);
    if (isSame(own, head)) {
      const writes = equal(own.rest, head.rest) ? null : restWrites(vault.rows);
      mirror.join(head, writes === null ? [] : [writes]);
      return;
    }
    const relation = await relate(ancestry(own, vault.rows), theirAncestry(head, mirror));
    mirror.relation = relation;
    if (relation === 'same' || relation === 'behind') return behind(mirror, 'it holds an earlier state');
    mirror.state = 'conflict';
    mirror.reason = conflictOf(relation);
  }

  /** Reads the head of an open mirror again. Rejects where that cannot be done. */
  async refresh(mirror: Mirror): Promise<void> {
    if (mirror.head !== null) mirror.head = await mirror.client.call('head', {}, ASK_PATIENCE_MS);
  }

  /** The vault is open now: compares a mirror that was opened before. Never rejects. */
  async compare(mirror: Mirror): Promise<void> {
    try {
      await this.refresh(mirror);
      await this.#judge(mirror);
    } catch (error) {
      this.fail(mirror, error);
    }
    if (mirror.state === 'behind') this.bringUp(mirror);
    this.#parts.onChange();
  }

  vaultClosed(mirror: Mirror): void {
    if (mirror.state === 'in-step') behind(mirror, 'the vault is not open');
  }

  /** Brings a mirror in step in the background, where the vault is unlocked. */
  bringUp(mirror: Mirror): void {
    if (this.vault === null || this.hsm === null || !mirror.live) return;
    const aside = mirror.damaged ? asidePath(mirror.path, 'damaged', this.#parts.ports.clock.now()) : null;
    const bringing = this.copy(mirror, aside)
      .catch((error: unknown) => this.fail(mirror, error))
      .finally(() => this.#bringing.delete(bringing));
    this.#bringing.add(bringing);
  }

  /** Writes a complete copy to a mirror, whose present file is kept as `aside` where that is a path. Rejects with why that failed. */
  copy(mirror: Mirror, aside: string | null): Promise<void> {
    const copying = this.#copying.then(async () => {
      const { vault, hsm } = this;
      if (vault === null || hsm === null || !mirror.live) {
        throw new KeyholdError('Locked', 'The vault was locked before the copy was made.');
      }
      const returning = mirror.failures > 0 || mirror.damaged;
      mirror.state = 'catching-up';
      mirror.reason = null;
      this.#parts.onChange();
      await catchUp(mirror, { vault, hsm, holder: this.#parts.holder(), aside });
      this.#parts.ports.log.info('a mirror is in step', { path: mirror.path, generation: mirror.generation });
      if (returning) this.#parts.notice('info', `The copy of the vault at ${mirror.path} is complete again.`);
      this.#parts.onChange();
    });
    this.#copying = copying.catch(() => undefined);
    return copying;
  }

  /** A mirror cannot be used as it should be: it is tried again, later and later. */
  fail(mirror: Mirror, error: unknown): void {
    if (!mirror.live) return;
    const { clock, log } = this.#parts.ports;
    mirror.error = error;
    mirror.head = null;
    // What does not answer has been given up already.
    if (mirror.client.running) mirror.client.call('close', {}, ASK_PATIENCE_MS).catch(() => undefined);
    if (isLocked(error)) {
      behind(mirror, 'the vault was locked before it was in step');
      this.#parts.onChange();
      return;
    }
    const reason = isOfTheVault(error) ? 'the vault itself does not verify' : reasonOf(error);
    mirror.state = isOfTheVault(error) || isBeside(error) ? 'behind' : 'out-of-reach';
    mirror.reason = reason;
    if (mirror.adding) return;
    // What is tried again every minute is within reach for a moment each time: that alone is no news.
    if (!mirror.told.has(reason)) {
      mirror.told.add(reason);
      log.warn('a mirror cannot be used', { path: mirror.path, error });
      this.#parts.notice('warning', `The copy of the vault at ${mirror.path} is not up to date: ${reason}.`);
    }
    mirror.failures += 1;
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (mirror.failures - 1));
    mirror.retryAt = clock.now() + wait;
    mirror.retry = clock.setTimer(wait, () => void this.start(mirror));
    this.#parts.onChange();
  }

  /** Asks a mirror in step whether its file is in its place. Never rejects. */
  async probe(mirror: Mirror): Promise<void> {
    try {
      await mirror.client.call('probe', {}, ASK_PATIENCE_MS);
      mirror.seen();
    } catch (error) {
      if (mirror.state === 'in-step') this.fail(mirror, error);
    }
  }

  /** Reads all of a mirror back and verifies it; one that is damaged is kept aside and written anew. Never rejects. */
  async verify(mirror: Mirror): Promise<void> {
    const { vault, hsm } = this;
    if (vault === null || hsm === null || mirror.head === null || mirror.relation === 'foreign') return;
    const sound = await verifyMirror(mirror, { vault, hsm }).catch((error: unknown) => {
      if (isDamage(error)) return false;
      if (!isLocked(error)) this.#unread(mirror, error);
      return null;
    });
    if (sound === true) {
      mirror.verifiedAt = this.#parts.ports.clock.now();
      mirror.unread = null;
    }
    if (sound !== false || !mirror.live) return;
    mirror.damaged = true;
    behind(mirror, 'it is damaged');
    this.#parts.ports.log.error('a mirror does not verify', { path: mirror.path });
    this.#parts.notice('warning', `The copy of the vault at ${mirror.path} is damaged; it is kept and written anew.`);
    this.bringUp(mirror);
  }

  /** What is wrong with the mirror itself is told where it is found out of reach; what is wrong here has nobody else to tell it. */
  #unread(mirror: Mirror, error: unknown): void {
    const { path } = mirror;
    this.#parts.ports.log.warn('a mirror could not be read back', { path, error });
    const reason = isBeside(error) ? reasonOf(error) : null;
    if (reason !== null && reason !== mirror.unread) {
      this.#parts.notice('warning', `The copy of the vault at ${path} could not be read back and checked: ${reason}.`);
    }
    mirror.unread = reason;
  }

  /** Gives a mirror's file another name, where it can be reached; there is none then until it is opened again. Rejects with why that failed. */
  async setAside(mirror: Mirror, to: string): Promise<void> {
    await this.close(mirror);
    await mirror.client.call('aside', { place: mirror.place, to }, ASK_PATIENCE_MS);
  }

  /** Closes a mirror's file, until it is opened again. Never rejects. */
  async close(mirror: Mirror): Promise<void> {
    mirror.live = false;
    mirror.retry?.cancel();
    mirror.retry = null;
    mirror.retryAt = null;
    const opening = this.#opening.get(mirror);
    // What takes long is given up with its thread.
    if (opening !== undefined || mirror.state === 'catching-up') mirror.client.end();
    await opening;
    await mirror.settled();
    if (mirror.client.running) await mirror.client.call('close', {}, ASK_PATIENCE_MS).catch(() => undefined);
    mirror.head = null;
    mirror.state = 'opening';
    mirror.reason = null;
  }

  /** Resolves when no mirror is being opened. */
  async opened(): Promise<void> {
    await Promise.all(this.#opening.values());
  }

  /** Resolves when no copy is being made. */
  async brought(): Promise<void> {
    await Promise.all(this.#bringing);
  }

  async #open(mirror: Mirror): Promise<void> {
    const { place } = mirror;
    try {
      mirror.head = await mirror.client.call('open', { place, holder: this.#parts.holder() }, OPEN_PATIENCE_MS);
    } catch (error) {
      if (isMissing(error)) return behind(mirror, 'its file is gone');
      if (!isDamage(error)) throw error;
      mirror.damaged = true;
      return behind(mirror, reasonOf(error));
    }
    mirror.damaged = false;
    mirror.error = undefined;
    mirror.seen();
    await this.#judge(mirror);
  }
}

function behind(mirror: Mirror, reason: string): void {
  mirror.state = 'behind';
  mirror.reason = reason;
}

function ancestry(head: RowsHead, rows: Rows): Ancestry {
  return {
    ...head,
    hashAt: async (seq) => {
      const row = rows.auditAfter(seq - 1, 1)[0];
      return row?.seq === seq ? row.hash : null;
    },
  };
}

function theirAncestry(head: CopyHead, mirror: Mirror): Ancestry {
  return {
    ...head,
    hashAt: async (seq) => (await mirror.client.call('auditHash', { seq }, ASK_PATIENCE_MS)).hash,
  };
}
