import { randomBytes } from 'node:crypto';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { toHex } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import type { Hsm, KekRow, SlotRow } from '../hsm/protocol.ts';
import { checkRecords } from '../vault/check.ts';
import { fileError, syncFile, syncFolder } from '../vault/durable.ts';
import { temporaryBeside } from '../vault/file.ts';
import { tampered } from '../vault/findings.ts';
import { compareParts, headParts } from '../vault/head-parts.ts';
import { asidePath, COMPANIONS, setAside } from '../vault/set-aside.ts';
import { type DiskHead, readState } from '../vault/state.ts';
import { openVault, type Vault } from '../vault/store.ts';
import type { UnlockSecret } from '../vault/unlock-vault.ts';
import type { Mirror } from './mirror.ts';
import { isDamage, reasonOf } from './reasons.ts';

export interface Rebuild {
  vaultPath: string;
  mirrors: readonly Mirror[];
  hsm: Hsm;
  /** The keys of the head with which the HSM was unlocked; null when it does not hold the root key yet. */
  heldKeks: readonly KekRow[] | null;
  /** For the HSM that does not; asked once it is known which slots a copy has. */
  secret(slots: readonly SlotRow[]): Promise<UnlockSecret>;
  /** Which vault it is, where that is known. */
  vaultId: Uint8Array | null;
  /** Only copies that are later than this. */
  newerThan: number;
  /** The highest generation that is known of: an older copy only with `acceptRollback`. */
  lastSeen: number;
  acceptRollback: boolean;
  /** What the present file is kept as, `<vault>.<why>-<time>`. */
  why: 'damaged' | 'older';
  /** ms since epoch */
  now: number;
  /** Where the present file verifies and nothing but a copy's own word says that it is old: told of the copies that do not prove it. They stand in nobody's way then. */
  unproved?: (path: string) => void;
  /** Closes the present file, when a copy has been verified. */
  release(): Promise<void>;
}

export interface Rebuilt {
  /** The copy it was rebuilt from. */
  from: string;
  generation: number;
  /** Where the file is that was replaced; null when there was none. */
  kept: string | null;
}

const EXPORT_PATIENCE_MS = 600_000;

/**
 * Puts a copy of the newest mirror that verifies in the vault's place; the present file is kept beside it. Null when there is no such mirror: then nothing has
 * changed. The HSM verifies with the root key that it holds, or unlocks with the secret
 * and a copy's slots; in either case the caller ends that process.
 *
 * @throws WrongSecret (no copy opens with it), VaultRolledBack (only an older copy is left), DiskFull, VaultReadOnly (the vault's folder).
 */
export async function rebuildVault(input: Rebuild): Promise<Rebuilt | null> {
  const { vaultPath, vaultId, newerThan } = input;
  const candidates = input.mirrors
    .flatMap((mirror) => (mirror.head === null ? [] : [{ mirror, head: mirror.head }]))
    .filter(({ head }) => head.generation > newerThan && (vaultId === null || equal(head.vaultId, vaultId)))
    .sort((a, b) => b.head.generation - a.head.generation);
  const held: Held = { keks: input.heldKeks, refused: new Map(), lastSeen: input.lastSeen };
  /** Why a copy that may be sound was passed over; counts where no other took the vault's place. */
  let passedOver: unknown;
  for (const { mirror, head } of candidates) {
    const temporary = temporaryBeside(vaultPath, 'mirror', randomBytes(6).toString('hex'));
    try {
      await mirror.client.call('export', { to: temporary }, EXPORT_PATIENCE_MS);
      await verifyCandidate(temporary, mirror.path, input, held);
      if (head.generation < held.lastSeen && !input.acceptRollback) {
        throw rolledBack(mirror.path, head.generation, held.lastSeen);
      }
      return await replace(temporary, mirror.path, head.generation, input);
    } catch (error) {
      const failed = fileError(error, vaultPath);
      const damaged = isDamage(failed);
      if (!damaged && !isPassedOver(failed)) throw failed;
      if (damaged) {
        mirror.damaged = true;
        mirror.reason = reasonOf(failed);
      } else passedOver = failed;
      input.unproved?.(mirror.path);
    } finally {
      for (const suffix of ['', ...COMPANIONS]) rmSync(temporary + suffix, { force: true });
    }
  }
  if (passedOver !== undefined && input.unproved === undefined) throw passedOver;
  return null;
}

function isPassedOver(error: unknown): boolean {
  return error instanceof KeyholdError && (error.code === 'WrongSecret' || error.details?.['otherKeys'] === true);
}

interface Held {
  /** What the HSM was unlocked with; null while it holds no root key. */
  keks: readonly KekRow[] | null;
  /** Slots that the secret does not open: it is tried once on each set. */
  refused: Map<string, unknown>;
  /** The highest generation that a head with a right MAC speaks of. */
  lastSeen: number;
}

/** The HSM holds the root key afterwards; answers the keys it was unlocked with. Throws `WrongSecret`. */
async function unlockWith(
  copy: Vault,
  head: DiskHead,
  { hsm, secret }: Rebuild,
  held: Held,
): Promise<readonly KekRow[]> {
  const slots = head.state.slots.map(({ wrapped }) => toHex(wrapped)).join();
  if (held.refused.has(slots)) throw held.refused.get(slots);
  try {
    const { vaultId } = copy;
    const given = await secret(head.state.slots);
    await hsm.call('unlock', { vaultId, secret: given, head: head.state, headMac: head.stored.mac, inspect: true });
    return head.state.keks;
  } catch (error) {
    held.refused.set(slots, error);
    throw error;
  }
}

/** Everything that an unlock verifies, and every record and object as well. Throws `VaultTampered`, `VaultCorrupt`, `WrongSecret`. */
async function verifyCandidate(path: string, name: string, input: Rebuild, held: Held): Promise<void> {
  const { hsm } = input;
  const copy = openVault(path, { journal: 'delete', anchor: false });
  try {
    const head = copy.readHead();
    held.keks ??= await unlockWith(copy, head, input, held);
    const { ok } = await hsm.call('verifyHead', { head: head.state, headMac: head.stored.mac });
    if (!ok && hasOtherKeys(held.keks, head)) throw otherKeys(name);
    if (ok) held.lastSeen = Math.max(held.lastSeen, head.state.generation);
    const { findings } = await readState(copy.rows, hsm);
    // Without the keys of this head it is the list of records that vouches for their contents.
    const whole = findings.length === 0 && sameKeks(held.keks, head.state.keks);
    if (whole) findings.push(...(await checkRecords(copy, hsm)));
    if (findings.length > 0) throw tampered(findings);
  } finally {
    await copy.close();
  }
}

/** A copy from before or after the vault was given another root key: nothing in it opens with the one held, and it is whole as far as it says itself. */
function hasOtherKeys(held: readonly KekRow[], { state, stored }: DiskHead): boolean {
  const wrapped = new Set(held.map((row) => toHex(row.wrapped)));
  const { pages, slots, keks } = compareParts(stored.parts, headParts(state));
  const consistent = pages.length === 0 && !slots && !keks;
  return consistent && state.keks.every((row) => !wrapped.has(toHex(row.wrapped)));
}

function otherKeys(path: string): KeyholdError {
  return new KeyholdError(
    'VaultRolledBack',
    `The vault file and its copy ${path} have different keys: the vault was given new ones between the two. If you put the vault file back yourself, unlock with --accept-rollback; to go on with the copy, restore it: keyhold hsm restore ${quotedName(path)}`,
    { path, otherKeys: true },
  );
}

function sameKeks(a: readonly KekRow[], b: readonly KekRow[]): boolean {
  const wrapped = (rows: readonly KekRow[]) => rows.map((row) => `${row.id} ${toHex(row.wrapped)}`).join();
  return wrapped(a) === wrapped(b);
}

function rolledBack(path: string, generation: number, lastSeen: number): KeyholdError {
  return new KeyholdError(
    'VaultRolledBack',
    `The vault is damaged or gone, and the best copy of it, ${path}, is older (generation ${generation}, last seen ${lastSeen}): what was changed since would be lost. Plug in a newer copy, or unlock with --accept-rollback to go on with this one.`,
    { path, generation, lastSeen },
  );
}

/** At every moment the vault's name is the whole old file or the whole new one, or there is none and the copies are whole. */
async function replace(temporary: string, from: string, generation: number, input: Rebuild): Promise<Rebuilt> {
  const path = input.vaultPath;
  chmodSync(temporary, 0o600);
  syncFile(temporary);
  await input.release();
  const aside = asidePath(path, input.why, input.now);
  const kept = setAside(path, aside) ? aside : null;
  for (const suffix of COMPANIONS) rmSync(path + suffix, { force: true });
  renameSync(temporary, path);
  syncFolder(dirname(path));
  return { from, generation, kept };
}
