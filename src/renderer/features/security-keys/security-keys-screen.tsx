import { Plus } from 'lucide-react';
import { useState } from 'react';
import { asWireError } from '../../api/error.ts';
import { useScreenCommands } from '../../lib/screen-commands.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { EmptyState, ErrorState, RowsSkeleton } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { Panel } from '../hsm/panel.tsx';
import { CredentialsDialog } from './device/credentials-dialog.tsx';
import { type DeviceAct, DeviceRow } from './device/device-row.tsx';
import { PinDialog } from './device/pin-dialog.tsx';
import { ResetDialog } from './device/reset-dialog.tsx';
import { useDevices, useSecurityKeys } from './key-queries.ts';
import { KeyRow } from './known/key-row.tsx';
import { TestDialog } from './test-dialog.tsx';

const enrol = () => openDialog({ kind: 'mfa.enroll' });

/** Security keys: those of this vault, and what is plugged in now. */
export function SecurityKeysScreen() {
  const keys = useSecurityKeys();
  const devices = useDevices();
  const [act, setAct] = useState<DeviceAct | null>(null);
  useScreenCommands({ add: enrol });
  if (keys.isError && keys.data === undefined) {
    return <ErrorState what="The security keys" error={asWireError(keys.error)} onRetry={() => void keys.refetch()} />;
  }
  const plugged = devices.data?.devices ?? [];
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-240 flex-col gap-5 px-6 pt-5 pb-8">
        <header className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <div className="flex min-w-64 flex-1 flex-col">
            <h1 className="text-display font-semibold">Security keys</h1>
            <p className="text-muted">
              A key that you touch can open the vault, and can stand before every use of a secret.
            </p>
          </div>
          <Button variant="primary" icon={<Plus size={16} aria-hidden="true" />} onPress={enrol}>
            Enrol a key
          </Button>
        </header>
        {devices.data?.problem !== undefined && (
          <Callout tone="warning" title="Security keys cannot be reached" live>
            {devices.data.problem}
          </Callout>
        )}
        <Panel title="Keys of this vault" note="made known to it, by name">
          {keys.data === undefined ? (
            <RowsSkeleton rows={2} />
          ) : keys.data.length === 0 ? (
            <EmptyState title="No keys enrolled" command="keyhold mfa enroll blue">
              Enrol two, so that a lost one locks nobody out.
            </EmptyState>
          ) : (
            <ul>
              {keys.data.map((key) => (
                <KeyRow key={key.id} securityKey={key} />
              ))}
            </ul>
          )}
        </Panel>
        <Panel title="Plugged in" note="seen as soon as they are there">
          {devices.data === undefined ? (
            <RowsSkeleton rows={1} />
          ) : plugged.length === 0 ? (
            <p className="px-4 py-3 text-muted">
              {devices.data.problem === undefined ? 'No security key. Plug one in.' : 'It is not known what is there.'}
            </p>
          ) : (
            <ul>
              {plugged.map((device) => (
                <DeviceRow key={device.id} device={device} onAct={setAct} />
              ))}
            </ul>
          )}
        </Panel>
      </div>
      {act !== null && <ActDialog act={act} onClose={() => setAct(null)} />}
    </div>
  );
}

function ActDialog({ act, onClose }: { act: DeviceAct; onClose: () => void }) {
  switch (act.do) {
    case 'test':
      return <TestDialog device={act.device} onClose={onClose} />;
    case 'reset':
      return <ResetDialog device={act.device} onClose={onClose} />;
    case 'pin':
      return <PinDialog device={act.device} info={act.info} onClose={onClose} />;
    case 'credentials':
      return <CredentialsDialog device={act.device} info={act.info} onClose={onClose} />;
  }
}
