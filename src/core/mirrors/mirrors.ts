import { KeyholdError } from '../../contract/errors.ts';
import type { Hsm } from '../hsm/protocol.ts';
import type { Copies } from '../vault/held-file.ts';
import type { RowWrite } from '../vault/row-writes.ts';
import { asidePath } from '../vault/set-aside.ts';
import type { Vault } from '../vault/store.ts';
import { type CareParts, MirrorCare } from './care.ts';
import { Mirror, type MirrorEntry } from './mirror.ts';

export interface MirrorsParts extends CareParts {
  vaultPath: string;
}

export interface VaultRebuilt {
  /** ms since epoch */
  at: number;
  from: string;
  generation: number;
  kept: string | null;
  /** What happened, for the person. */
  message: string;
}

/** An idle vault notices in that time that a stick was pulled. */
const PROBE_MS = 60_000;
/** An unlock waits so long for disks that have not answered yet. */
const OPENED_PATIENCE_MS = 10_000;
/** And who asks how things are, for copies that are being made. */
const BROUGHT_PATIENCE_MS = 2_000;
/** All of a mirror is read back that often. */
const VERIFY_MS = 86_400_000;

/**
 * The further copies of the vault (docs/adr/0021). Every committed transaction goes to those in step; one that fails is out of reach until it comes back, and gets a
 * complete, verified copy then. A copy that holds what the vault does not have is never written over.
 */
export class Mirrors implements Copies {
  readonly #parts: MirrorsParts;
  readonly #care: MirrorCare;
  readonly #mirrors = new Map<string, Mirror>();
  #probe: { cancel(): void } | null = null;
  #verifying: Promise<void> | null = null;
  /** Contents of the vault were found not to verify: at the next unlock a copy takes its place. */
  suspected = false;
  /** The last time that a copy took the vault's place. */
  rebuilt: VaultRebuilt | null = null;

  constructor(parts: MirrorsParts) {
    this.#parts = parts;
    this.#care = new MirrorCare(parts);
  }

  get listening(): boolean {
    return this.#mirrors.size > 0;
  }

  committed(writes: readonly RowWrite[]): void {
    for (const mirror of this.#mirrors.values()) mirror.committed(writes);
  }

  async settled(): Promise<void> {
    await Promise.all(this.list().map((mirror) => mirror.settled()));
  }

  list(): readonly Mirror[] {
    return [...this.#mirrors.values()];
  }

  entries(): MirrorEntry[] {
    return this.list().map(({ entry }) => entry);
  }

  /** Looks after these from now on, and no longer after others. */
  use(entries: readonly MirrorEntry[]): void {
    const wanted = new Set(entries.map(({ path }) => path));
    for (const mirror of this.list()) if (!wanted.has(mirror.path)) void this.drop(mirror.path);
    for (const entry of entries) if (!this.#mirrors.has(entry.path)) void this.#care.start(this.#make(entry));
  }

  /** The vault is open: what happens to it happens to its mirrors. */
  attach(vault: Vault): void {
    this.#care.vault = vault;
    vault.copyTo(this);
    for (const mirror of this.list()) if (mirror.head !== null) void this.#care.compare(mirror);
  }

  /** The vault is closed. */
  detach(): void {
    for (const mirror of this.list()) this.#care.vaultClosed(mirror);
    this.#care.vault?.copyTo(null);
    this.#care.vault = null;
    this.#care.hsm = null;
  }

  /** The vault has been unlocked: what is behind is brought in step. */
  unlocked(hsm: Hsm): void {
    this.#care.hsm = hsm;
    for (const mirror of this.list()) if (mirror.state === 'behind') this.#care.bringUp(mirror);
  }

  locked(): void {
    this.#care.hsm = null;
  }

  /** Resolves when each mirror has answered or failed, or after `patienceMs`; those that are out of reach are tried once more. Never rejects. */
  async opened(patienceMs = OPENED_PATIENCE_MS): Promise<void> {
    if (!this.listening) return;
    for (const mirror of this.list()) if (mirror.state === 'out-of-reach') void this.#care.start(mirror);
    await this.#within(patienceMs, this.#care.opened());
  }

  /** The open mirrors, with what they say about themselves now. Never rejects. */
  async read(): Promise<readonly Mirror[]> {
    await this.opened();
    for (const mirror of this.list()) {
      await mirror.settled();
      await this.#care.refresh(mirror).catch((error: unknown) => this.#care.fail(mirror, error));
    }
    return this.list().filter(({ head }) => head !== null);
  }

  /** Asks where each mirror is now. Never rejects. */
  async probed(): Promise<void> {
    if (!this.listening) return;
    await this.opened();
    // What fails at once, or is soon done, is said as it is then.
    await this.#within(BROUGHT_PATIENCE_MS, this.#care.brought());
    const inStep = this.list().filter((mirror) => mirror.state === 'in-step');
    await Promise.all(inStep.map((mirror) => this.#care.probe(mirror)));
  }

  /** That another process has a copy of this vault open: two who write would never agree again. Null when none has. */
  heldByOther(pid: number): KeyholdError | null {
    for (const { path, error } of this.list()) {
      if (!(error instanceof KeyholdError) || error.code !== 'VaultBusy') continue;
      const holder: unknown = error.details?.['holder'];
      if (typeof holder === 'object' && holder !== null && 'pid' in holder && holder.pid === pid) continue;
      return new KeyholdError(
        'VaultBusy',
        `Another process holds ${path}, a copy of this vault. Stop that one first, or take the copy away.`,
        { ...error.details, path },
      );
    }
    return null;
  }

  /**
   * Makes a mirror and resolves when it is in step. What is in its place is taken over when it is an earlier state of this vault; otherwise it is kept as `aside`, or
   * refused with `AlreadyExists` where that is null. Rejects with why the copy could not be made; then there is no mirror.
   */
  async add(entry: MirrorEntry, aside: string | null): Promise<Mirror> {
    const mirror = this.#make(entry);
    mirror.adding = true;
    try {
      await this.#care.open(mirror);
      if (mirror.state === 'out-of-reach') throw mirror.error;
      const strange = mirror.state === 'conflict' || mirror.damaged;
      if (strange && aside === null) {
        throw new KeyholdError(
          'AlreadyExists',
          `There is a file ${entry.path} already: ${mirror.reason ?? 'it is no copy of this vault'}. Move it away, or use --replace, which keeps it under another name.`,
          { path: entry.path },
        );
      }
      if (mirror.state !== 'in-step') await this.#care.copy(mirror, strange ? aside : null);
      mirror.adding = false;
      return mirror;
    } catch (error) {
      await this.drop(entry.path);
      throw error;
    }
  }

  /** No longer looks after a mirror. Its file stays as it is. */
  async drop(path: string): Promise<void> {
    const mirror = this.#mirrors.get(path);
    if (mirror === undefined) return;
    this.#mirrors.delete(path);
    await this.#care.close(mirror);
    mirror.client.end();
    if (this.#mirrors.size === 0) this.#stopProbing();
  }

  /** Closes every file, so that something else can be done with it, until `reopen`. */
  async release(): Promise<void> {
    await Promise.all(this.list().map((mirror) => this.#care.close(mirror)));
  }

  /** The vault was replaced on purpose: what its mirrors held is kept as `<path>.before-restore-<time>`, but for `source`, which is what it was replaced by. */
  async setAside(source: string): Promise<void> {
    const now = this.#parts.ports.clock.now();
    const others = this.list().filter(({ path }) => path !== source);
    const log = this.#parts.ports.log;
    for (const mirror of others) {
      // One that cannot be reached holds what the vault no longer has, and is found to when it comes back.
      await this.#care
        .setAside(mirror, asidePath(mirror.path, 'before-restore', now))
        .catch((error: unknown) => log.warn('a mirror could not be set aside', { path: mirror.path, error }));
    }
  }

  reopen(): void {
    for (const mirror of this.list()) void this.#care.start(mirror);
  }

  async stop(): Promise<void> {
    this.detach();
    await Promise.all(this.list().map((mirror) => this.drop(mirror.path)));
  }

  /** Reads back what has not been read for a day; once at a time. Never rejects. */
  verifyDue(): Promise<void> {
    this.#verifying ??= this.#verifyDue().finally(() => {
      this.#verifying = null;
    });
    return this.#verifying;
  }

  async #verifyDue(): Promise<void> {
    const before = this.#parts.ports.clock.now() - VERIFY_MS;
    for (const mirror of this.list()) {
      const due = mirror.verifiedAt === null || mirror.verifiedAt <= before;
      if (due && (mirror.state === 'in-step' || mirror.state === 'conflict')) await this.#care.verify(mirror);
    }
  }

  async #within(patienceMs: number, work: Promise<void>): Promise<void> {
    let timer: { cancel(): void } | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = this.#parts.ports.clock.setTimer(patienceMs, resolve);
    });
    await Promise.race([work, enough]);
    timer?.cancel();
  }

  #make(entry: MirrorEntry): Mirror {
    const { ports, vaultPath } = this.#parts;
    const fail = (mirror: Mirror, error: unknown): void => this.#care.fail(mirror, error);
    const mirror = new Mirror(entry, vaultPath, ports, fail);
    this.#mirrors.set(entry.path, mirror);
    this.#probe ??= this.#probeLater();
    return mirror;
  }

  #probeLater(): { cancel(): void } {
    return this.#parts.ports.clock.setTimer(PROBE_MS, () => {
      this.#probe = this.#probeLater();
      for (const mirror of this.list()) if (mirror.state === 'in-step') void this.#care.probe(mirror);
    });
  }

  #stopProbing(): void {
    this.#probe?.cancel();
    this.#probe = null;
  }
}
