import { KeyholdError } from '../../contract/errors.ts';
import type { Clock, SpawnMirror } from '../ports.ts';
import { noteOpenInThread } from '../vault/file.ts';
import type { RowWrite } from '../vault/row-writes.ts';
import { MirrorClient } from './client.ts';
import type { Relation } from './lineage.ts';
import type { CopyHead, MirrorPlace } from './protocol.ts';

/** As it is remembered beside and in the vault. */
export interface MirrorEntry {
  path: string;
  /** It was made on another disk than the vault's. */
  apart: boolean;
}

/**
 * `opening`: its disk has not answered yet. `in-step`: it gets every change. `catching-up`: a complete copy is being written. `behind`: within reach, and waiting for
 * the next unlock. `out-of-reach`: tried again and again. `conflict`: it holds what must not be written over; a person decides.
 */
export type MirrorState = 'opening' | 'in-step' | 'catching-up' | 'behind' | 'out-of-reach' | 'conflict';

/** A commit waits so long for a mirror. */
const APPLY_PATIENCE_MS = 5_000;
/** Transactions kept for a mirror while a complete copy is on its way to it. */
const COLLECT_AT_MOST = 10_000;

/** One mirror: what is known of it, and the way to its file. What happens to it is decided in mirrors.ts. */
export class Mirror {
  readonly entry: MirrorEntry;
  readonly place: MirrorPlace;
  readonly client: MirrorClient;
  state: MirrorState = 'opening';
  /** Why it is not in step. */
  reason: string | null = null;
  error: unknown;
  /** How it stood to the vault when it was opened. */
  relation: Relation | null = null;
  /** ms since epoch: when it was last known to be in its place. */
  lastSeen: number | null = null;
  /** ms since epoch: when all of it was last verified. */
  verifiedAt: number | null = null;
  /** Why it could not be verified the last time, where the person was told. */
  unread: string | null = null;
  /** Why it was not in step, as the person was told since it last was. */
  readonly told = new Set<string>();
  /** ms since epoch: when it is tried again. */
  retryAt: number | null = null;
  retry: { cancel(): void } | null = null;
  failures = 0;
  /** What is in its place does not verify: it is kept aside when it is replaced. */
  damaged = false;
  /** Generation of the last change that it has acknowledged. */
  generation: number | null = null;
  /** False while its file is to be left alone. */
  live = true;
  /** Whoever adds it is told what is wrong, and decides. */
  adding = false;
  #head: CopyHead | null = null;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onFailure: (mirror: Mirror, error: unknown) => void;
  #collected: (readonly RowWrite[])[] | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(
    entry: MirrorEntry,
    vaultPath: string,
    { clock, spawnMirror }: { clock: Pick<Clock, 'now' | 'setTimer'>; spawnMirror: SpawnMirror },
    onFailure: (mirror: Mirror, error: unknown) => void,
  ) {
    this.entry = entry;
    this.place = { path: entry.path, vaultPath, apart: entry.apart };
    this.client = new MirrorClient(spawnMirror, clock);
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  get path(): string {
    return this.entry.path;
  }

  /** Its head when it was opened; null while it is not open. */
  get head(): CopyHead | null {
    return this.#head;
  }
  set head(head: CopyHead | null) {
    if (this.#head !== null) noteOpenInThread(this.#head.key, false);
    if (head !== null) noteOpenInThread(head.key, true);
    this.#head = head;
    this.generation = head?.generation ?? this.generation;
  }

  /** A transaction has been committed in the vault. */
  committed(writes: readonly RowWrite[]): void {
    if (this.state === 'in-step') this.#send([writes]);
    else this.#collected?.push(writes);
  }

  /** From here on what is committed is kept for it. */
  collect(): void {
    this.#collected = [];
  }

  forgetCollected(): void {
    this.#collected = null;
  }

  /** From here on it gets every change: first `before`, then what was kept for it, then what comes. */
  join(head: CopyHead, before: readonly (readonly RowWrite[])[] = []): void {
    const transactions = [...before, ...(this.#collected ?? [])];
    this.#collected = null;
    if (transactions.length > COLLECT_AT_MOST) {
      throw new KeyholdError('Timeout', 'More was changed meanwhile than the copy could keep up with.');
    }
    this.head = head;
    this.relation = 'same';
    this.state = 'in-step';
    this.reason = null;
    this.error = undefined;
    this.damaged = false;
    this.failures = 0;
    this.told.clear();
    this.seen();
    if (transactions.length > 0) this.#send(transactions);
  }

  /** Resolves when it has all that was committed so far, or is no longer in step. */
  settled(): Promise<void> {
    return this.#last;
  }

  seen(): void {
    this.lastSeen = this.#clock.now();
  }

  #send(transactions: readonly (readonly RowWrite[])[]): void {
    const generation = generationOf(transactions);
    const sent = this.client.call('apply', { transactions }, APPLY_PATIENCE_MS).then(({ inStep }) => {
      if (!inStep) throw new KeyholdError('VaultTampered', 'It was changed by somebody else.');
      this.generation = generation ?? this.generation;
      this.seen();
    });
    const before = this.#last;
    this.#last = sent.then(
      () => before,
      (error: unknown) => {
        if (this.state === 'in-step') this.#onFailure(this, error);
      },
    );
  }
}

/** The generation after these transactions, where they lead to one. */
function generationOf(transactions: readonly (readonly RowWrite[])[]): number | null {
  for (const writes of transactions.toReversed()) {
    for (const write of writes.toReversed()) if (write[0] === 'updateHead') return write[1].generation;
  }
  return null;
}
