import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { KeyholdError } from '../../contract/errors.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { fileError } from '../vault/durable.ts';
import { temporaryBeside } from '../vault/file.ts';
import type { Holder } from '../vault/holder.ts';
import { COMPANIONS } from '../vault/set-aside.ts';
import type { Vault } from '../vault/store.ts';
import { verifyCopy } from '../vault/verify-copy.ts';
import type { Mirror } from './mirror.ts';

/** The disk of a mirror takes as long as it takes. */
const COPY_PATIENCE_MS = 3_600_000;
const ROOM_PATIENCE_MS = 10_000;
/** Pages copied before whatever else waits gets its turn. */
const PAGES_AT_A_TIME = 4096;

export interface CatchUp {
  vault: Vault;
  hsm: Hsm;
  holder: Holder;
  /** Where what is in the mirror's place goes; null to replace it. */
  aside: string | null;
}

/**
 * Writes a complete copy of the vault to a mirror while the vault is in use. The copy is verified with the live HSM before anything of the mirror is touched, and
 * what is committed meanwhile follows it, so that afterwards the mirror is in step.
 *
 * @throws VaultTampered with `details.vault` when the vault itself does not verify; DiskFull, NotFound, …
 */
export async function catchUp(mirror: Mirror, { vault, hsm, holder, aside }: CatchUp): Promise<void> {
  const { place, client } = mirror;
  const { freeBytes } = await client.call('room', { place }, ROOM_PATIENCE_MS);
  if (freeBytes < sizeOf(vault)) throw new KeyholdError('DiskFull', `The disk of ${place.path} is full.`);
  await withTemporary(vault, async (temporary) => {
    closeSync(openSync(temporary, 'wx', 0o600));
    const report = await vault.copyLock.copy(async () => {
      await vault.exclusive(async () => {
        // In the writer's queue: the copy is exactly one generation, and what follows it is kept.
        mirror.collect();
        await vault.file.db.backup(temporary, { progress: () => PAGES_AT_A_TIME });
      });
      return verifyCopy(temporary, hsm);
    });
    if (!report.ok) {
      throw new KeyholdError(
        'VaultTampered',
        'The vault does not verify, so it was not copied. Run "keyhold vault check".',
        {
          findings: report.findings,
          vault: true,
        },
      );
    }
    const head = await client.call('replace', { place, holder, from: temporary, aside }, COPY_PATIENCE_MS);
    mirror.join(head);
  }).finally(() => mirror.forgetCollected());
  mirror.verifiedAt = mirror.lastSeen;
  await mirror.settled();
}

/** Reads all of a mirror back and checks it with the live HSM. */
export async function verifyMirror(mirror: Mirror, { vault, hsm }: Pick<CatchUp, 'vault' | 'hsm'>): Promise<boolean> {
  return withTemporary(vault, async (temporary) => {
    const { ok } = await vault.copyLock.copy(async () => {
      await mirror.client.call('export', { to: temporary }, COPY_PATIENCE_MS);
      return verifyCopy(temporary, hsm);
    });
    return ok;
  });
}

/** A private file beside the vault, gone afterwards. */
async function withTemporary<T>(vault: Vault, work: (path: string) => Promise<T>): Promise<T> {
  const temporary = temporaryBeside(vault.path, 'mirror', randomBytes(6).toString('hex'));
  try {
    return await work(temporary);
  } catch (error) {
    throw fileError(error, temporary);
  } finally {
    for (const suffix of ['', ...COMPANIONS]) rmSync(temporary + suffix, { force: true });
  }
}

function sizeOf(vault: Vault): number {
  const { db } = vault.file;
  const pages: unknown = db.pragma('page_count', { simple: true });
  const bytes: unknown = db.pragma('page_size', { simple: true });
  return Number(pages) * Number(bytes);
}
