import type { Settings } from '../../../contract/schemas.ts';
import { plural } from '../../lib/format.ts';
import { setTheme } from '../../lib/theme.ts';
import { Select } from '../../ui/select.tsx';
import { Setting, SettingGroup } from './setting.tsx';

const MINUTES = [5, 10, 15, 30, 60, 120, 240, 480, 0];

function minutesLabel(minutes: number): string {
  if (minutes === 0) return 'Never';
  if (minutes < 60 || minutes % 60 !== 0) return `After ${plural(minutes, 'minute')}`;
  return minutes === 60 ? 'After 1 hour' : `After ${minutes / 60} hours`;
}

export function GeneralGroup({ settings, onSave }: { settings: Settings; onSave: (patch: Partial<Settings>) => void }) {
  const offered = MINUTES.includes(settings.autoLockMinutes) ? MINUTES : [settings.autoLockMinutes, ...MINUTES];
  return (
    <SettingGroup title="General">
      <Setting
        title="Lock by itself"
        text="When no tool has signed and nothing was done here for that long. Locking ends the HSM process."
      >
        <Select
          label="Lock by itself"
          hideLabel
          className="w-48"
          choices={offered.map((minutes) => ({ id: String(minutes), label: minutesLabel(minutes) }))}
          value={String(settings.autoLockMinutes)}
          onChange={(id) => onSave({ autoLockMinutes: Number(id) })}
        />
      </Setting>
      <Setting title="Theme">
        <Select
          label="Theme"
          hideLabel
          className="w-48"
          choices={[
            { id: 'system', label: 'As the system' },
            { id: 'light', label: 'Light' },
            { id: 'dark', label: 'Dark' },
          ]}
          value={settings.theme}
          onChange={(id) => {
            const theme = id === 'light' || id === 'dark' ? id : 'system';
            setTheme(theme);
            onSave({ theme });
          }}
        />
      </Setting>
    </SettingGroup>
  );
}
