import { useQueryClient } from '@tanstack/react-query';
import { FileInput, Star, Timer } from 'lucide-react';
import type { OtpDevice } from '../../../contract/totp.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { failuresAsError } from '../../lib/do-each.ts';
import { inBulk } from '../../lib/in-bulk.ts';
import { byInstant, byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { notify } from '../../ui/toast-store.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { codeStateOf, spaced } from './code-state.ts';
import { CountdownRing } from './countdown-ring.tsx';
import { OtpDetail } from './otp-detail.tsx';
import { type CodesNow, useOtpCodes, useOtpDevices } from './otp-queries.ts';
import { useTick } from './use-tick.ts';

const byName = byText<OtpDevice>((device) => device.name);

const SORTS: readonly Sort<OtpDevice>[] = [
  {
    id: 'favourites',
    label: 'Favourites, then name',
    compare: (a, b) => Number(b.favourite) - Number(a.favourite) || byName(a, b),
  },
  { id: 'name', label: 'Name', compare: byName },
  { id: 'used', label: 'Last used first', compare: byInstant((device) => device.lastUsedAt) },
];

const FILTERS: readonly Filter<OtpDevice>[] = [
  { id: 'favourites', label: 'Favourites', group: 'kind', keep: (device) => device.favourite },
  { id: 'aws', label: 'AWS', group: 'kind', keep: (device) => device.mfaSerial !== undefined },
];

const searchText = (device: OtpDevice) => [device.name, device.issuer, device.label, device.mfaSerial ?? ''].join(' ');

export function AuthenticatorScreen() {
  const query = useOtpDevices();
  const queries = useQueryClient();
  const codes = useOtpCodes((query.data?.length ?? 0) > 0).data;
  const add = () => openDialog({ kind: 'totp.add' });

  const setFavourite = async (devices: readonly OtpDevice[], favourite: boolean) => {
    const { failed } = await inBulk('Changing favourites', devices, ({ name }) =>
      call('totp.update', { name, favourite }),
    );
    const refused = failuresAsError(failed, ({ name }) => name, devices.length);
    if (refused !== null) notify({ message: refused.message, tone: 'error' });
    await refresh(queries, 'totp');
  };

  return (
    <ListPage
      screen="authenticator"
      title="Authenticator"
      noun="entry"
      query={query}
      text={searchText}
      sorts={SORTS}
      filters={FILTERS}
      icon={<Timer size={16} />}
      rowHeight={56}
      row={(device) => <OtpRow device={device} codes={codes} />}
      detail={(device) => <OtpDetail device={device} codes={codes} />}
      detailLabel={(device) => `Authenticator entry ${device.name}`}
      onAdd={add}
      more={
        <IconButton
          label="Import from another authenticator"
          icon={<FileInput size={16} aria-hidden="true" />}
          onPress={() => openDialog({ kind: 'totp.add', by: 'file' })}
        />
      }
      empty={
        <EmptyState
          title="No one-time codes yet"
          command="keyhold totp add github --qr screenshot.png"
          action={
            <span className="flex flex-wrap justify-center gap-2">
              <Button variant="primary" onPress={add}>
                Add an entry
              </Button>
              <Button onPress={() => openDialog({ kind: 'totp.aws' })}>Enrol at AWS…</Button>
            </span>
          }
        >
          Scan a QR code, or bring in what another authenticator has exported. The secret stays in the vault, and no
          code is used twice.
        </EmptyState>
      }
      bulk={[
        { id: 'star', label: 'Favourite', run: (devices) => void setFavourite(devices, true) },
        { id: 'unstar', label: 'No favourite', run: (devices) => void setFavourite(devices, false) },
        {
          id: 'remove',
          label: 'Remove…',
          danger: true,
          run: (devices) => openDialog({ kind: 'totp.remove', devices }),
        },
      ]}
    />
  );
}

function OtpRow({ device, codes }: { device: OtpDevice; codes: CodesNow | undefined }) {
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3">
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="flex min-w-0 items-center gap-1.5">
          <span className="truncate font-medium">{device.name}</span>
          {device.favourite && (
            <Star size={12} aria-label="Favourite" className="shrink-0 fill-current text-accent-ink" />
          )}
        </span>
        <span className="truncate text-muted">{subtitle(device)}</span>
      </span>
      {device.enrolling === undefined ? (
        <RowCode device={device} codes={codes} />
      ) : (
        <Badge tone="warn" icon={<Timer size={12} aria-hidden="true" />}>
          enrolling
        </Badge>
      )}
    </span>
  );
}

/** What it is of, as far as its name does not say so. */
function subtitle({ name, issuer, label }: OtpDevice): string {
  if (name === `${issuer} ${label}`.trim()) return 'One-time code';
  const parts = [issuer, label].filter((part) => part !== '' && part !== name);
  return parts.length === 0 ? 'One-time code' : parts.join(' · ');
}

function RowCode({ device, codes }: { device: OtpDevice; codes: CodesNow | undefined }) {
  const now = useTick(codes?.aheadMs ?? 0);
  const state = codeStateOf(device, codes?.byName.get(device.name), now);
  switch (state.kind) {
    case 'loading':
      return <span className="h-4 w-20 rounded-control bg-hover" />;
    case 'counter':
      return <span className="text-muted">by counter</span>;
    case 'used':
      return (
        <span className="flex items-center gap-2.5 text-muted">
          <span className="tabular-nums">used, next in {Math.ceil(state.left / 1000)} s</span>
          <CountdownRing left={state.left} of={state.period} />
        </span>
      );
    case 'shown':
      return (
        <span className="flex items-center gap-2.5">
          <span className={cx('mono text-title font-medium tabular-nums', state.soon && 'text-warn-ink')}>
            {spaced(state.code)}
          </span>
          <CountdownRing left={state.left} of={state.period} urgent={state.soon} />
        </span>
      );
  }
}
