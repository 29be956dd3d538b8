import { useQueryClient } from '@tanstack/react-query';
import { CircleHelp, Lock, Search, Siren } from 'lucide-react';
import type { Status } from '../../../contract/schemas.ts';
import { useAccounts, useClients, useKeys, useProfiles } from '../../api/queries.ts';
import { formatCount } from '../../lib/format.ts';
import { formatRoute, navigate, type Screen, useRoute } from '../../lib/router.ts';
import { isMac } from '../../lib/shortcuts.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { Mark } from '../../ui/mark.tsx';
import { useOtpDevices } from '../authenticator/otp-queries.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { useAllKmsKeys } from '../kms/kms-queries.ts';
import { useSecurityKeys } from '../security-keys/key-queries.ts';
import { lockVault } from './lock.ts';
import { SCREEN_INFO, type ScreenInfo } from './screens.tsx';
import { StatusLine } from './status-line.tsx';

const GROUPS = ['top', 'Vault', 'Sign', 'Services', 'bottom'] as const;

export function Sidebar({ status }: { status: Status }) {
  const queries = useQueryClient();
  const counts: Partial<Record<Screen, number | undefined>> = {
    keys: useKeys().data?.length,
    authenticator: useOtpDevices().data?.length,
    accounts: useAccounts().data?.length,
    'security-keys': useSecurityKeys().data?.length,
    profiles: useProfiles().data?.length,
    clients: useClients().data?.length,
    // Known once a screen has read them: the list of a large account is not read for a number.
    kms: useAllKmsKeys(false).data?.length,
  };
  const mod = isMac() ? '⌘' : 'Ctrl+';
  return (
    <aside aria-label="Keyhold" className="flex w-14 shrink-0 flex-col border-r border-line bg-sidebar wide:w-54">
      <div className="flex h-13 shrink-0 items-center gap-2.5 px-4">
        <Mark size={24} />
        <span className="hidden text-title font-semibold wide:inline">Keyhold</span>
      </div>
      <div className="px-2 pb-2">
        <Button
          onPress={() => openDialog({ kind: 'palette' })}
          className="w-full justify-center px-2 font-normal text-muted wide:justify-start"
          icon={<Search size={16} aria-hidden="true" className="shrink-0" />}
        >
          <span className="min-w-0 flex-1 text-left max-wide:sr-only">
            Search<span className="sr-only"> everything</span>
          </span>
          <span aria-hidden="true" className="mono hidden wide:inline">
            {mod}K
          </span>
        </Button>
      </div>
      <nav
        aria-label="Screens"
        className="flex min-h-0 flex-1 flex-col gap-1 overflow-y-auto px-2 pb-2 wide:gap-3 snug:gap-1 low:gap-1"
      >
        {GROUPS.map((group) => (
          <div key={group} className="flex flex-col gap-0.5">
            {group !== 'top' && group !== 'bottom' && (
              <h2 className="hidden px-2 pt-1 pb-1 text-muted wide:block low:hidden">{group}</h2>
            )}
            {SCREEN_INFO.filter((info) => info.group === group).map((info) => (
              <NavLink key={info.screen} info={info} count={counts[info.screen]} />
            ))}
          </div>
        ))}
      </nav>
      <div className="flex flex-col gap-2 border-t border-line p-2 wide:py-3">
        <div className="hidden flex-col wide:flex wide:px-1">
          <StatusLine status={status} />
        </div>
        <div className="flex flex-col gap-1 wide:flex-row">
          <Button
            onPress={() => void lockVault(queries)}
            className="px-2 wide:flex-1"
            icon={<Lock size={16} aria-hidden="true" />}
          >
            <span className="max-wide:sr-only">
              Lock<span className="sr-only"> the vault</span>
            </span>
            <span aria-hidden="true" className="mono hidden font-normal text-muted wide:inline">
              {mod}L
            </span>
          </Button>
          <IconButton
            label="Break glass"
            hint="G B"
            className="size-8 max-wide:self-center"
            icon={<Siren size={16} aria-hidden="true" />}
            onPress={() => navigate('panic')}
          />
          <IconButton
            label="Shortcuts"
            hint="?"
            className="size-8 max-wide:hidden"
            icon={<CircleHelp size={16} aria-hidden="true" />}
            onPress={() => openDialog({ kind: 'help' })}
          />
        </div>
      </div>
    </aside>
  );
}

function NavLink({ info, count }: { info: ScreenInfo; count: number | undefined }) {
  const { screen } = useRoute();
  const current = screen === info.screen || SCREEN_INFO.find((one) => one.screen === screen)?.under === info.screen;
  return (
    <a
      href={formatRoute({ screen: info.screen, id: null })}
      aria-current={current ? 'page' : undefined}
      title={info.label}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        navigate(info.screen);
      }}
      className={cx(
        'flex h-8 shrink-0 items-center gap-2.5 rounded-control px-3 outline-none focus-visible:focus-ring wide:px-2 snug:h-7',
        current ? 'bg-pressed font-medium text-ink' : 'text-ink hover:bg-hover',
      )}
    >
      <info.Icon size={16} aria-hidden="true" className={cx('shrink-0', current ? 'text-accent-ink' : 'text-muted')} />
      <span className="min-w-0 flex-1 truncate max-wide:sr-only">{info.label}</span>
      {count !== undefined && count > 0 && (
        <span className="hidden text-muted tabular-nums wide:inline" aria-hidden="true">
          {formatCount(count)}
        </span>
      )}
    </a>
  );
}
