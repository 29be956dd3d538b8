import type { Settings, Status } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange, useSettings } from '../../api/queries.ts';
import { ErrorCallout } from '../../ui/callout.tsx';
import { ErrorState, RowsSkeleton } from '../../ui/states.tsx';
import { VaultKeysGroup } from '../vault-keys/vault-keys-group.tsx';
import { AboutGroup } from './about-group.tsx';
import { BackupGroup } from './backup-group.tsx';
import { DoorGroup } from './door-group.tsx';
import { GeneralGroup } from './general-group.tsx';
import { LeaveGroup } from './leave-group.tsx';
import { SlotsGroup } from './slots-group.tsx';

export function SettingsScreen({ status }: { status: Status }) {
  const settings = useSettings();
  const change = useChange('settings.update', 'settings');
  if (settings.isError && settings.data === undefined) {
    return (
      <ErrorState what="The settings" error={asWireError(settings.error)} onRetry={() => void settings.refetch()} />
    );
  }
  if (settings.data === undefined) return <RowsSkeleton rows={10} />;
  const save = (patch: Partial<Settings>) => change.mutate(patch);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-180 flex-col gap-7 px-6 pt-5 pb-10">
        <h1 className="text-display font-semibold">Settings</h1>
        {change.isError && <ErrorCallout title="The setting was not changed" error={asWireError(change.error)} />}
        <GeneralGroup settings={settings.data} onSave={save} />
        <DoorGroup settings={settings.data} status={status} onSave={save} />
        <LeaveGroup settings={settings.data} onSave={save} />
        <SlotsGroup />
        <VaultKeysGroup />
        <BackupGroup />
        <AboutGroup status={status} />
      </div>
    </div>
  );
}
