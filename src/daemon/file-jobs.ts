import { KeyholdError } from '../contract/errors.ts';
import type { FileJob, FilePart } from '../contract/files.ts';
import type { FileDoor } from '../core/core.ts';
import type { Actor } from '../core/draft.ts';
import type { Clock, Random } from '../core/ports.ts';
import type { AskKms } from './envelope/local-kms.ts';
import type { PartExchange } from './envelope/part-exchange.ts';

const MOST_JOBS = 8;
/** A page that was closed says nothing; a person who looks for a place to save has not begun yet. */
const IDLE_MS = 120_000;

interface Job {
  exchange: PartExchange;
  /** What to tell of a failure. */
  explain(error: unknown): unknown;
  /** Index of the part that comes next. */
  next: number;
  working: boolean;
  timer: { cancel(): void };
}

export interface FileJobsOptions {
  clock: Clock;
  random: Random;
  /** One operation of a local account’s KMS as its root, audited. */
  askKms(place: { account: string; actor: Actor }, ...call: Parameters<AskKms>): ReturnType<AskKms>;
  /** A part has come: whoever waits for a file has not gone away. */
  onPart(): void;
}

/**
 * Files on their way through the Encryption SDK. The SDK is loaded with the first of them. Every file has its own data key in this process’s memory
 * while it is under way; `clear` lets go of them all when the vault is locked.
 */
export class FileJobs implements FileDoor {
  readonly #options: FileJobsOptions;
  readonly #jobs = new Map<string, Job>();

  constructor(options: FileJobsOptions) {
    this.#options = options;
  }

  async begin(job: FileJob, accountId: string, actor: Actor): Promise<{ id: string; keys: string[] }> {
    const { openJob } = await import('./envelope/open-job.ts');
    const ask: AskKms = (...call) => this.#options.askKms({ account: job.account, actor }, ...call);
    this.#requireRoom();
    const opened = await openJob(job, accountId, ask);
    // Others may have begun meanwhile.
    this.#requireRoom();
    const id = Buffer.from(this.#options.random.bytes(16)).toString('hex');
    this.#jobs.set(id, {
      exchange: opened.exchange,
      explain: opened.explain,
      next: 0,
      working: false,
      timer: this.#expire(id),
    });
    return { id, keys: opened.keys };
  }

  /**
   * Takes a part and answers what came out of the file so far. Any failure ends the job.
   * @throws KeyholdError `NotFound` for a job that ended, `InvalidInput` for a part out of its order, and whatever the message or the KMS refuses
   */
  async part({ id, index, last }: FilePart, bytes: Uint8Array): Promise<Buffer[]> {
    const job = this.#jobs.get(id);
    if (job === undefined) throw GONE;
    if (job.working || index !== job.next) {
      this.cancel(id);
      throw new KeyholdError('InvalidInput', 'The parts of the file came in another order than they were cut.');
    }
    this.#options.onPart();
    job.working = true;
    job.next += 1;
    job.timer.cancel();
    try {
      const out = await job.exchange.pass(bytes, last);
      if (last) this.cancel(id);
      else job.timer = this.#expire(id);
      return out;
    } catch (error) {
      this.cancel(id);
      throw job.explain(error);
    } finally {
      job.working = false;
    }
  }

  cancel(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#jobs.delete(id);
    job.timer.cancel();
    job.exchange.abandon(GIVEN_UP);
  }

  /** Gives all of them up. */
  clear(): void {
    for (const id of [...this.#jobs.keys()]) this.cancel(id);
  }

  #requireRoom(): void {
    if (this.#jobs.size < MOST_JOBS) return;
    throw new KeyholdError('InUse', `${MOST_JOBS} files are being worked on already. Wait until one is done.`);
  }

  #expire(id: string): { cancel(): void } {
    return this.#options.clock.setTimer(IDLE_MS, () => this.cancel(id));
  }
}

const GIVEN_UP = new KeyholdError('NotFound', 'The file was given up. Begin again.');
const GONE = new KeyholdError(
  'NotFound',
  'Keyhold no longer works on this file: the vault was locked, or it waited too long. Begin again.',
);
