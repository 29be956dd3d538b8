import { KeyholdError } from '../../contract/errors.ts';
import type { Settings } from '../../contract/schemas.ts';
import type { Core } from '../core.ts';
import { leaveSettings } from '../leave/may-leave.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { DEFAULT_AUTO_LOCK_MINUTES, SETTINGS_ID } from '../settings-record.ts';
import type { Handlers } from './handler.ts';
import { assertAbsolute } from './vault.ts';

export const settingsHandlers: Handlers<'settings.get' | 'settings.update'> = {
  'settings.get': ({ core }) => readSettings(core),

  /** The theme may change while locked (the unlock screen shows it); everything else is decided with the vault open. */
  'settings.update': async ({ core, actor }, input) => {
    const { theme, ...guarded } = omitUndefined(input);
    const before = readSettings(core);
    if (Object.keys(guarded).length > 0) {
      const session = core.session();
      if (guarded.backupFolder !== undefined) assertAbsolute(guarded.backupFolder, 'backupFolder');
      // A door that is elsewhere than the settings say (--port, or its port was taken) stays there unless a port was asked for.
      const port = guarded.port === before.port ? undefined : guarded.port;
      const https = guarded.https ?? before.https;
      // First the part that can fail for reasons outside the vault; then the record of it.
      if (port !== undefined || https !== before.https) {
        await core.shell.applyDoor({ port, https });
        core.lifecycle.parts.onState();
      }
      await session.write(actor, (draft) => {
        const { port: _port, https: _https, ...inVault } = guarded;
        if (Object.keys(inVault).length > 0) {
          const stored = session.things.get('settings', SETTINGS_ID);
          draft.put('settings', SETTINGS_ID, { autoLockMinutes: DEFAULT_AUTO_LOCK_MINUTES, ...stored, ...inVault });
        }
        const changed = Object.entries(guarded).map(([name, value]) => `${name} = ${String(value)}`);
        draft.record('settings.update', undefined, { reason: changed.join(', ') });
        return () => ({});
      });
    }
    save(core, omitUndefined({ ...guarded, theme }));
    core.emit({ type: 'changed', what: ['settings'] });
    core.lifecycle.touch();
    return readSettings(core);
  },
};

function save(core: Core, patch: Partial<Settings>): void {
  try {
    core.config.update(patch);
  } catch (error) {
    core.ports.log.error('settings cannot be saved', { error });
    if (error instanceof KeyholdError) throw error;
    throw new KeyholdError('Internal', 'The settings cannot be saved; they hold until the next start.');
  }
}

export function readSettings(core: Core): Settings {
  const config = core.config.get();
  return {
    autoLockMinutes: core.lifecycle.autoLockMinutes() ?? config.autoLockMinutes ?? DEFAULT_AUTO_LOCK_MINUTES,
    port: config.port ?? core.shell.defaultPort,
    https: config.https ?? false,
    ...core.backups.settings(core.lifecycle.openedSession()),
    ...leaveSettings(core.lifecycle.openedSession()?.things.get('settings', SETTINGS_ID) ?? config),
    theme: config.theme ?? 'system',
  };
}
