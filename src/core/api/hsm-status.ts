import { KeyholdError } from '../../contract/errors.ts';
import type { HsmObjectInfo, HsmStatus, VaultBackup, VaultCopy } from '../../contract/hsm.ts';
import type { StoredBackup } from '../backups/list-backups.ts';
import type { Core } from '../core.ts';
import type { Mirror } from '../mirrors/mirror.ts';
import { instant } from '../views.ts';
import type { Handler } from './handler.ts';

/** Asks every mirror whether it is there, so what is said of them is so at this moment. */
export const hsmStatus: Handler<'hsm.status'> = async ({ core }) => {
  await core.mirrors.probed();
  const session = core.lifecycle.openedSession();
  const { rebuilt } = core.mirrors;
  return {
    process: processOf(core),
    objects: session === null ? null : countKinds(await session.objects.read()),
    copies: [primaryOf(core), ...core.mirrors.list().map(viewMirror)],
    rebuilt: rebuilt === null ? null : { ...rebuilt, at: instant(rebuilt.at) },
    backups: await backupsOf(core),
  };
};

function processOf({ lifecycle }: Core): HsmStatus['process'] {
  const pid = lifecycle.keeper.pid ?? null;
  if (!lifecycle.keeper.running) return { state: 'restarting', pid: null };
  return { state: lifecycle.state() === 'unlocked' ? 'unlocked' : 'locked', pid };
}

function countKinds(objects: readonly HsmObjectInfo[]): NonNullable<HsmStatus['objects']> {
  const kinds = new Map<string, { class: string; spec: string; count: number }>();
  for (const one of objects) {
    const name = `${one.class} ${one.spec}`;
    const kind = kinds.get(name) ?? { class: one.class, spec: one.spec, count: 0 };
    kind.count += 1;
    kinds.set(name, kind);
  }
  const byKind = [...kinds.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  return { total: objects.length, byKind };
}

function primaryOf({ lifecycle, ports }: Core): VaultCopy {
  const vault = lifecycle.openedVault();
  const reason = lifecycle.openProblem();
  const found = lifecycle.lockDetail();
  return {
    path: lifecycle.parts.vaultPath,
    role: 'primary',
    state: vault === null ? 'out-of-reach' : found === undefined ? 'in-step' : 'damaged',
    reason: vault === null ? (reason ?? 'there is no vault yet') : (found ?? null),
    generation: vault?.rows.head().generation ?? null,
    lastSeen: vault === null ? null : instant(ports.clock.now()),
    verifiedAt: null,
    retryAt: null,
    apart: false,
  };
}

export function viewMirror(mirror: Mirror): VaultCopy {
  const at = (time: number | null): string | null => (time === null ? null : instant(time));
  return {
    path: mirror.path,
    role: 'mirror',
    state: mirror.state,
    reason: mirror.reason,
    generation: mirror.generation,
    lastSeen: at(mirror.lastSeen),
    verifiedAt: at(mirror.verifiedAt),
    retryAt: at(mirror.retryAt),
    apart: mirror.entry.apart,
  };
}

export function viewBackup({ path, at, generation, sizeBytes }: StoredBackup): VaultBackup {
  return { path, createdAt: instant(at), generation, sizeBytes };
}

async function backupsOf({ backups, lifecycle, ports }: Core): Promise<HsmStatus['backups']> {
  const session = lifecycle.openedSession();
  const { backupFolder, backupHours, backupKeep, backupKeepWeekly } = backups.settings(session);
  const common = { folder: backupFolder, everyHours: backupHours, keep: backupKeep, keepWeekly: backupKeepWeekly };
  try {
    const list = await backups.list(session);
    const nextAt = session === null ? null : backups.nextAt(session, list);
    return {
      ...common,
      list: list.map(viewBackup),
      nextAt: nextAt === null ? null : instant(nextAt),
      failure: backups.failure(backupFolder),
    };
  } catch (error) {
    ports.log.warn('the backups cannot be listed', { error });
    const hangs = error instanceof KeyholdError && error.code === 'Timeout';
    const failure = hangs ? error.message : `The folder ${backupFolder} cannot be read.`;
    return { ...common, list: [], nextAt: null, failure };
  }
}
