import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { KeyRotation } from '../../../contract/rekey.ts';
import { asWireError } from '../../api/error.ts';
import { useChange, useClients } from '../../api/queries.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { ShareBar } from '../../ui/progress-share.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { RotateClientsDialog } from '../clients/rotate-clients-dialog.tsx';
import { Setting, SettingGroup } from '../settings/setting.tsx';
import { RekeyDialog } from './rekey-dialog.tsx';
import { RotateCaDialog } from './rotate-ca-dialog.tsx';
import { useKeyRotation } from './use-key-rotation.ts';

/** Keys that are the vault’s own, and those that it gave to tools: each can be made anew, offline. */
export function VaultKeysGroup() {
  const rotation = useKeyRotation();
  const tools = (useClients().data ?? []).filter((one) => one.purpose === 'tool' && !one.expired);
  const [open, setOpen] = useState<'vault' | 'clients' | 'ca' | null>(null);
  const close = () => setOpen(null);
  return (
    <SettingGroup title="Vault keys">
      <Setting
        title="Root key"
        text={
          rotation.data === undefined ? (
            'What all of the vault is sealed under.'
          ) : (
            <RootKeyWords state={rotation.data} />
          )
        }
      >
        <Button
          isDisabled={rotation.data === undefined || rotation.data.state !== 'none'}
          onPress={() => setOpen('vault')}
        >
          New root key…
        </Button>
      </Setting>
      {rotation.isError && rotation.data === undefined && (
        <div className="px-4 pb-4">
          <ErrorCallout
            error={asWireError(rotation.error)}
            actions={
              <Button size="compact" onPress={() => void rotation.refetch()}>
                Try again
              </Button>
            }
          />
        </div>
      )}
      {rotation.data !== undefined && rotation.data.state !== 'none' && <Progress state={rotation.data} />}
      <Setting
        title="Client keys"
        text={
          tools.length === 0
            ? 'No tool has a client key.'
            : `${plural(tools.length, 'tool')} ${tools.length === 1 ? 'has' : 'have'} one. The key before works on for as long as you say.`
        }
      >
        <Button isDisabled={tools.length === 0} onPress={() => setOpen('clients')}>
          New client keys…
        </Button>
      </Setting>
      <Setting
        title="Local certificate authority"
        text="Signs the certificate of the HTTPS door. Tools that trust the present one have to be given the new one."
      >
        <Button onPress={() => setOpen('ca')}>New authority…</Button>
      </Setting>
      {open === 'vault' && rotation.data !== undefined && <RekeyDialog records={rotation.data.total} onClose={close} />}
      {open === 'clients' && <RotateClientsDialog onClose={close} />}
      {open === 'ca' && <RotateCaDialog onClose={close} />}
    </SettingGroup>
  );
}

function RootKeyWords({ state: { state, total, madeAt } }: { state: KeyRotation }) {
  return (
    <>
      Made <RelativeTime instant={madeAt} />.{' '}
      {state === 'none'
        ? `All ${plural(total, 'record')} are sealed under it.`
        : 'Some records are still sealed under keys from before.'}
    </>
  );
}

/** Records on their way to the new keys: the vault works on meanwhile. */
function Progress({ state: { state, done, total, reason } }: { state: KeyRotation }) {
  const queries = useQueryClient();
  const goOn = useChange('vault.continueRotation');
  return (
    <div className="flex flex-col gap-3 px-4 pb-4">
      <ShareBar
        label={state === 'running' ? 'Sealing records anew…' : 'Stopped'}
        value={total === 0 ? 1 : done / total}
      >
        {formatCount(done)} of {formatCount(total)}
      </ShareBar>
      {state === 'running' ? (
        <p className="text-muted">
          The vault works on meanwhile. Should it be locked or stop, it goes on by itself later.
        </p>
      ) : (
        <Callout
          tone="warning"
          actions={
            <Button
              size="compact"
              isDisabled={goOn.isPending}
              onPress={() => goOn.mutate({}, { onSuccess: (now) => queries.setQueryData(['keyRotation'], now) })}
            >
              Go on now
            </Button>
          }
        >
          {reason === undefined ? '' : `${reason} `}The vault is whole and has its new keys; the records that are left
          follow by themselves.
        </Callout>
      )}
      {goOn.isError && <ErrorCallout error={asWireError(goOn.error)} />}
    </div>
  );
}
