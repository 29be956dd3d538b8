import type { Hsm, HsmInput } from '../hsm/protocol.ts';
import { tampered } from './findings.ts';
import { type DiskHead, type DiskState, readDisk, verifyState } from './state.ts';
import type { Vault } from './store.ts';

export type UnlockSecret = HsmInput<'unlock'>['secret'];

/**
 * Unlocks the HSM with a secret and this vault's slots, then loads and verifies the list of records. When it rejects, the vault is
 * locked; the HSM may hold the root key by then, so the caller ends that process.
 *
 * @throws WrongSecret, VaultTampered (`details.findings`), VaultCorrupt, VaultRolledBack unless `acceptRollback`.
 */
export async function unlockVault(
  vault: Vault,
  hsm: Hsm,
  input: { secret: UnlockSecret; acceptRollback?: boolean },
): Promise<{ slot: number }> {
  const head = vault.readHead();
  const unlocking = hsm.call('unlock', {
    vaultId: vault.vaultId,
    secret: input.secret,
    head: head.state,
    headMac: head.stored.mac,
    inspect: true,
  });
  // While the HSM works on the secret; nothing writes to a locked vault's records. The secret's answer counts first: a damaged file says nothing to who does not
  // have it.
  const disk = readMeanwhile(vault, hsm, head, input.secret);
  disk.catch(() => undefined);
  const { slot, headOk } = await unlocking;
  const state = (await disk) ?? readDisk(vault.rows, head);
  if (!headOk) {
    // The HSM only verifies and opens from now on: enough to say what was changed.
    const { findings } = await verifyState(vault.rows, hsm, state);
    throw tampered(findings);
  }
  await vault.load(hsm, {
    disk: state,
    ...(input.acceptRollback === undefined ? {} : { acceptRollback: input.acceptRollback }),
  });
  return { slot };
}

/**
 * The reading holds this thread up, so the HSM has to have the secret first: it answers this question behind it. A secret for an earlier process is refused at once,
 * and that answer must not wait.
 */
async function readMeanwhile(vault: Vault, hsm: Hsm, head: DiskHead, secret: UnlockSecret): Promise<DiskState | null> {
  const { sealKeyId } = await hsm.call('sealKey', {});
  const sealed = 'sealed' in secret ? secret.sealed : undefined;
  return sealed === undefined || sealKeyId === sealed.sealKeyId ? readDisk(vault.rows, head) : null;
}
