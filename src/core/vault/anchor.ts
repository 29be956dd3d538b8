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

/** Throws `VaultRolledBack` when the file is older than the one last opened here. */
export function checkAnchor(vaultPath: string, found: Anchor): void {
  const anchor = readAnchor(vaultPath);
  if (anchor === null || anchor.vaultId !== found.vaultId || anchor.generation <= found.generation) return;
  throw new KeyholdError(
    'VaultRolledBack',
    `This vault file is older than the one last used here (generation ${found.generation}, last seen ${anchor.generation}). Unlock it with --accept-rollback if you put it back yourself.`,
    { generation: found.generation, lastSeen: anchor.generation },
  );
}

/** Whether the anchor says just this already: then what else it says stays. */
export function isAnchored(vaultPath: string, vaultId: string, generation: number): boolean {
  const anchor = readAnchor(vaultPath);
  return anchor?.vaultId === vaultId && anchor.generation === generation;
}
