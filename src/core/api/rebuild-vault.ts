import { KeyholdError } from '../../contract/errors.ts';
import { fromHex } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import { makeEvent } from '../draft.ts';
import type { Hsm, KekRow, SlotRow, WayIn } from '../hsm/protocol.ts';
import { isDamage } from '../mirrors/reasons.ts';
import { type Rebuilt, rebuildVault } from '../mirrors/rebuild.ts';
import { readAnchor } from '../vault/anchor.ts';
import { compareParts, headParts } from '../vault/head-parts.ts';
import type { Vault } from '../vault/store.ts';
import type { CallContext } from './handler.ts';

/** `vault.unlock`, whose secret depends on the slots where a security key has to answer. */
export interface UnlockInput {
  secret(slots: readonly SlotRow[]): Promise<WayIn>;
  acceptRollback?: boolean;
}

interface Found {
  /** Null where it cannot be opened. */
  vault: Vault | null;
  heldKeks: readonly KekRow[] | null;
  /** Only later copies count. */
  newerThan: number;
  why: 'damaged' | 'older';
  /** It verifies, and is the last one that was open here: only a copy that verifies as well can be better. */
  sound?: true;
  /** As a part of a sentence. */
  what: string;
}

/** The open vault file, or what is thrown in its stead: where it is gone or cannot be opened and a copy can take its place, `StaleSealKey` (see `rebuild`). */
export async function openOrRebuild(call: CallContext, input: UnlockInput): Promise<Vault> {
  const { lifecycle, mirrors } = call.core;
  await lifecycle.settlePlace();
  try {
    return lifecycle.vault();
  } catch (error) {
    if (!mirrors.listening) throw error;
    const code = error instanceof KeyholdError ? error.code : undefined;
    const lost = code === 'VaultLost';
    const tooNew = code === 'VaultTooNew';
    if (!lost && !tooNew && !isDamage(error)) throw error;
    const what = lost ? 'was gone' : 'could not be opened';
    try {
      await rebuild(call, input, { vault: null, heldKeks: null, newerThan: 0, why: 'damaged', what });
    } catch (failed) {
      // A vault of a newer version is no damage. One whose copy is as new, and is not of that version, is.
      throw tooNew && failed instanceof KeyholdError && failed.code === 'VaultRolledBack' ? error : failed;
    }
    throw lost ? await withCopies(call, error) : error;
  }
}

/** After a failed unlock: resolves when that is not the file's fault or no copy is better; otherwise rejects as `rebuild`. */
export async function rebuildAfterFailure(
  call: CallContext,
  input: UnlockInput,
  vault: Vault,
  error: unknown,
): Promise<void> {
  if (!call.core.mirrors.listening || !(error instanceof KeyholdError)) return;
  if (error.code === 'WrongSecret') {
    if (!slotsAreDamaged(vault) && !(await idIsDamaged(call, vault))) return;
    await rebuild(call, input, { vault, heldKeks: null, newerThan: 0, why: 'damaged', what: 'was damaged' });
  } else if (error.code === 'VaultRolledBack') {
    const newerThan = vault.readHead().state.generation;
    await rebuild(call, input, {
      vault,
      heldKeks: keksOf(vault),
      newerThan,
      why: 'older',
      what: 'was older than its copy',
    });
  } else if (isDamage(error)) {
    await rebuild(call, input, { vault, heldKeks: keksOf(vault), newerThan: 0, why: 'damaged', what: 'was damaged' });
  }
}

/** The vault verifies: resolves unless a copy is later, or the vault's contents were found to be damaged; otherwise rejects as `rebuild`. */
export async function preferBetterCopy(call: CallContext, input: UnlockInput, vault: Vault): Promise<void> {
  const { mirrors } = call.core;
  if (mirrors.suspected) {
    const newerThan = vault.generation - 1;
    await rebuild(call, input, { vault, heldKeks: vault.keks(), newerThan, why: 'damaged', what: 'was damaged' });
  } else if (
    input.acceptRollback !== true &&
    !wasRestored(vault) &&
    mirrors.list().some(({ relation }) => relation === 'ahead')
  ) {
    const newerThan = vault.generation;
    await rebuild(call, input, {
      vault,
      heldKeks: vault.keks(),
      newerThan,
      why: 'older',
      what: 'was older than its copy',
      sound: true,
    });
  }
}

/**
 * Puts the newest copy that verifies in the vault's place. Resolves when there is none; with everything as it was, where the vault is sound. Otherwise the HSM process, which holds or has tried what it must not be asked
 * again, has been replaced: a caller that seals its secret anew unlocks the rebuilt vault, so that is what is asked for.
 *
 * @throws StaleSealKey when the vault was rebuilt; WrongSecret, VaultRolledBack, DiskFull, …
 */
async function rebuild(call: CallContext, input: UnlockInput, found: Found): Promise<void> {
  const { core } = call;
  const { lifecycle, mirrors, ports } = core;
  const { vaultPath } = lifecycle.parts;
  const copies = await mirrors.read();
  const anchor = readAnchor(vaultPath);
  const vaultId = anchor === null ? (found.vault?.vaultId ?? null) : fromHex(anchor.vaultId);
  const own = found.heldKeks === null ? 0 : await knownGeneration(lifecycle.hsm(), found.vault);
  let rebuilt: Rebuilt | null;
  let untouched = false;
  try {
    rebuilt = await rebuildVault({
      vaultPath,
      mirrors: copies,
      hsm: lifecycle.hsm(),
      heldKeks: found.heldKeks,
      secret: (slots) => input.secret(slots),
      vaultId,
      newerThan: found.newerThan,
      lastSeen: Math.max(anchor?.generation ?? 0, own),
      acceptRollback: input.acceptRollback === true,
      why: found.why,
      now: ports.clock.now(),
      ...(found.sound === true ? { unproved: (path: string) => tellUnproved(call, path) } : {}),
      async release() {
        // A file so damaged that it cannot be closed in order is put aside all the same.
        await found.vault
          ?.close()
          .catch((error: unknown) => ports.log.warn('while closing a damaged vault', { error }));
        lifecycle.abandon();
      },
    });
    // It was only asked to verify, with the keys that the vault goes on with.
    untouched = rebuilt === null && found.sound === true;
  } finally {
    if (!untouched) {
      found.vault?.lockNow();
      await lifecycle.keeper.replace();
    }
  }
  if (rebuilt === null) return;
  mirrors.suspected = false;
  lifecycle.reopen();
  announce(call, rebuilt, found);
  throw new KeyholdError('StaleSealKey', 'The vault was rebuilt from a copy. Unlock it once more.');
}

/** Who can write a copy's disk can make it look as late as they like. */
function tellUnproved({ core }: CallContext, path: string): void {
  const message = `The copy ${path} looks later than the vault, but does not verify with the vault’s keys: it was changed from outside, or the vault was given new keys elsewhere. It is left as it is and gets no changes. To go on with it, restore it (keyhold hsm restore); otherwise remove it and make a new one.`;
  core.ports.log.warn(message);
  core.emit({ type: 'notice', level: 'warning', message });
}

function announce({ core }: CallContext, { from, generation, kept }: Rebuilt, { what }: Found): void {
  const { vaultPath } = core.lifecycle.parts;
  const aside = kept === null ? '' : ` The file before is kept as ${kept}.`;
  const message = `The vault file ${vaultPath} ${what}. It was replaced by ${from} (generation ${generation}).${aside}`;
  core.ports.log.warn(message);
  core.mirrors.rebuilt = { at: core.ports.clock.now(), from, generation, kept, message };
  const event = makeEvent(core.ports, { action: 'hsm.rebuild', actor: 'daemon', target: from, reason: message });
  core.lifecycle.audit()?.record(event);
  core.emit({ type: 'audit', event });
  core.emit({ type: 'notice', level: 'warning', message });
}

/** The error about a vault that is gone, with what there is left. */
async function withCopies({ core }: CallContext, error: unknown): Promise<unknown> {
  const { vaultPath } = core.lifecycle.parts;
  const copies = core.mirrors.list().map(({ path, reason, damaged, state }) => ({
    path,
    reason: reason ?? (damaged ? 'it is damaged' : `it is ${state}`),
  }));
  const backup = await core.backups.newest();
  const places = copies.map((copy) => `${copy.path}: ${copy.reason}`).join('; ');
  const advice =
    backup === null
      ? 'There is no backup in the backups’ folder.'
      : `The newest backup is ${backup.path}; restore it with "keyhold hsm restore".`;
  return new KeyholdError(
    'VaultLost',
    `The vault file ${vaultPath} is gone, and no copy can take its place (${places}). Plug in the disk of a copy and unlock again. ${advice}`,
    { path: vaultPath, copies, ...(backup === null ? {} : { backup: backup.path }) },
    { cause: error },
  );
}

/** The person chose this file over later copies, and it has not been changed since. */
function wasRestored(vault: Vault): boolean {
  const anchor = readAnchor(vault.path);
  return anchor?.restored === true && anchor.generation === vault.generation;
}

/** What the head says, if its MAC is right; else 0. */
async function knownGeneration(hsm: Hsm, vault: Vault | null): Promise<number> {
  try {
    const head = vault?.readHead();
    if (head === undefined) return 0;
    const { ok } = await hsm.call('verifyHead', { head: head.state, headMac: head.stored.mac });
    return ok ? head.state.generation : 0;
  } catch (error) {
    if (isDamage(error)) return 0;
    throw error;
  }
}

/** What the HSM was unlocked with; null where the file was so damaged that it never was. */
function keksOf(vault: Vault): readonly KekRow[] | null {
  try {
    return vault.readHead().state.keks;
  } catch (error) {
    if (error instanceof KeyholdError) return null;
    throw error;
  }
}

/** Whether the slots are not those that the head was made over: then a wrong secret may be a right one. */
function slotsAreDamaged(vault: Vault): boolean {
  try {
    const { state, stored } = vault.readHead();
    return compareParts(stored.parts, headParts(state)).slots;
  } catch (error) {
    if (error instanceof KeyholdError) return true;
    throw error;
  }
}

/** Whether a mirror has this very head under another vault's id: a right secret does not open a vault whose id was changed. */
async function idIsDamaged({ core }: CallContext, vault: Vault): Promise<boolean> {
  const { mac } = vault.rows.head();
  const copies = await core.mirrors.read();
  return copies.some(({ head }) => head !== null && equal(head.headMac, mac) && !equal(head.vaultId, vault.vaultId));
}
