import type { Settings } from '../../../contract/schemas.ts';
import { Switch } from '../../ui/switch.tsx';
import { WAYS } from '../leave/leave-words.ts';
import { Setting, SettingGroup } from './setting.tsx';

/** Ways out of Keyhold, shut here for every profile; open ones are allowed profile by profile. */
export function LeaveGroup({ settings, onSave }: { settings: Settings; onSave: (patch: Partial<Settings>) => void }) {
  return (
    <SettingGroup title="Credentials that leave">
      {WAYS.map(({ way, title, text, setting }) => (
        <Setting key={way} title={title} text={`${text} Off shuts it for every profile.`}>
          <Switch label={title} hideLabel isSelected={settings[setting]} onChange={(on) => onSave({ [setting]: on })} />
        </Setting>
      ))}
    </SettingGroup>
  );
}
