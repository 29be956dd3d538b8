import { KeyholdError } from '../../contract/errors.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { copyAndVerify, sizeOfCopy, withFileBeside } from '../vault/copy-beside.ts';
import type { Holder } from '../vault/holder.ts';
import type { Vault } from '../vault/store.ts';
import { verifyCopy } from '../vault/verify-copy.ts';
import type { Mirror } from './mirror.ts';

/** The disk of a mirror takes as long as it takes. */
const COPY_PATIENCE_MS = 3_600_000;
const ROOM_PATIENCE_MS = 10_000;

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
 * @throws VaultTampered with `details.vault` when the vault itself does not verify; DiskFull (with `details.beside` when it is the vault's own), NotFound, …
 */
export async function catchUp(mirror: Mirror, { vault, hsm, holder, aside }: CatchUp): Promise<void> {
  const { place, client } = mirror;
  const size = sizeOfCopy(vault);
  await withFileBeside(vault, 'mirror', size, async (temporary) => {
    const { freeBytes } = await client.call('room', { place }, ROOM_PATIENCE_MS);
    if (freeBytes < size) throw new KeyholdError('DiskFull', `The disk of ${place.path} is full.`);
    // What is committed after the copy is kept for it.
    const report = await copyAndVerify(vault, hsm, temporary, () => mirror.collect());
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

/** Reads all of a mirror back and checks it with the live HSM. What is committed meanwhile reaches the mirror, and what is read of it, all the same. */
export async function verifyMirror(mirror: Mirror, { vault, hsm }: Pick<CatchUp, 'vault' | 'hsm'>): Promise<boolean> {
  const size = Math.max(sizeOfCopy(vault), mirror.head?.sizeBytes ?? 0);
  return withFileBeside(vault, 'mirror', size, async (temporary) => {
    const { ok } = await vault.copyLock.copy(async () => {
      await mirror.client.call('export', { to: temporary }, COPY_PATIENCE_MS);
      return verifyCopy(temporary, hsm);
    });
    return ok;
  });
}
