import type { Core } from '../core.ts';
import type { Actor, Draft } from '../draft.ts';
import type { MirrorEntry } from '../mirrors/mirror.ts';
import type { Session } from '../session.ts';
import { DEFAULT_AUTO_LOCK_MINUTES, SETTINGS_ID } from '../settings-record.ts';

/** The mirrors that the vault knows of. */
export function mirrorsInVault(session: Session): readonly MirrorEntry[] {
  return session.things.get('settings', SETTINGS_ID)?.mirrors ?? [];
}

/** Writes the list to the vault, with an audit entry where one is given. */
export function saveMirrorList(
  session: Session,
  actor: Actor,
  mirrors: readonly MirrorEntry[],
  entry: Parameters<Draft['record']> | null,
): Promise<void> {
  return session.write(
    actor,
    (draft) => {
      const before = session.things.get('settings', SETTINGS_ID);
      const settings = { autoLockMinutes: DEFAULT_AUTO_LOCK_MINUTES, ...before };
      draft.put('settings', SETTINGS_ID, { ...settings, mirrors: [...mirrors] });
      if (entry !== null) draft.record(...entry);
      return () => undefined;
    },
    ['settings'],
  );
}

/**
 * After an unlock: looks after every mirror that the vault or `config.json` names, and writes the list back where they differ. Neither a line taken out of
 * `config.json` nor an older backup that was restored ends mirroring; a line put in makes a copy of ciphertext somewhere else, and shows.
 */
export async function settleMirrorList(core: Core, session: Session): Promise<void> {
  const inVault = mirrorsInVault(session);
  const beside = core.config.get().mirrors ?? [];
  if (inVault.length + beside.length === 0) return;
  const named = [...new Map([...beside, ...inVault].map((entry) => [entry.path, entry])).values()];
  // A mirror that is opened as a vault of its own has itself on its list.
  const all = named.filter(({ path }) => path !== session.vault.path);
  core.mirrors.use(all);
  if (named.length > inVault.length) await saveMirrorList(session, 'daemon', named, null);
  if (all.length > beside.length) core.config.update({ mirrors: all });
}
