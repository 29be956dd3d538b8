import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';

const Anchor = z.object({
  vaultId: z.string().regex(/^[0-9a-f]{32}$/),
  generation: z.int().min(1),
  /** The vault was put in place by a restore and has not been unlocked since: later copies of it are not what the person wants. */
  restored: z.literal(true).optional(),
});
/** The highest generation of the vault that was seen here (docs/format.md, "Integrity of the set"). */
export type Anchor = z.infer<typeof Anchor>;

export function anchorPath(vaultPath: string): string {
  return join(dirname(vaultPath), 'anchor.json');
}

/** Null when there is none or it says nothing readable: then an older file cannot be told. */
export function readAnchor(vaultPath: string): Anchor | null {
  try {
    const parsed = Anchor.safeParse(JSON.parse(readFileSync(anchorPath(vaultPath), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Replaces the anchor at once or not at all. Call it only after the generation is committed: it must never be ahead of the file. */
export function writeAnchor(vaultPath: string, anchor: Anchor): void {
  const path = anchorPath(vaultPath);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, JSON.stringify(anchor) + '\n', { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Commits of nothing but audit entries between two writings of `anchor.json`. */
const NOTE_EVERY = 8;

/** `anchor.json` beside an open vault file: the highest generation of it that was seen here. */
export class AnchorNote {
  readonly #path: string;
  readonly #vaultId: string;
  #noted = 0;

  /** `vaultId` in hex. */
  constructor(vaultPath: string, vaultId: string) {
    this.#path = vaultPath;
    this.#vaultId = vaultId;
  }

  /** Throws `VaultRolledBack` when the file is older than the one last opened here, unless that is accepted. */
  check(generation: number, accepted: boolean): void {
    const anchor = readAnchor(this.#path);
    if (anchor?.vaultId !== this.#vaultId) return;
    // What else it says stays until the next change.
    if (anchor.generation === generation) this.#noted = generation;
    if (accepted || anchor.generation <= generation) return;
    throw new KeyholdError(
      'VaultRolledBack',
      `This vault file is older than the one last used here (generation ${generation}, last seen ${anchor.generation}). Unlock it with --accept-rollback if you put it back yourself.`,
      { generation, lastSeen: anchor.generation },
    );
  }

  /** Whether entries of the log alone have moved it so far that it should be noted. */
  isDue(generation: number): boolean {
    return generation - this.#noted >= NOTE_EVERY;
  }

  /** Answers what to warn of: the vault itself is safe, and the next writing may succeed. A lost anchor only weakens the check against older files. */
  note(generation: number): string | null {
    if (this.#noted === generation) return null;
    try {
      writeAnchor(this.#path, { vaultId: this.#vaultId, generation });
      this.#noted = generation;
      return null;
    } catch (error) {
      return `The generation could not be noted in anchor.json (${error instanceof Error ? error.message : 'unknown'}).`;
    }
  }
}
