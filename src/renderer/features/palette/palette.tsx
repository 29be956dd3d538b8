import { useQueryClient } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { CircleHelp, Lock, Plus, Search, SunMoon } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Dialog as AriaDialog, Modal, ModalOverlay } from 'react-aria-components';
import { useChange } from '../../api/queries.ts';
import { formatCount } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { Keys } from '../../ui/kbd.tsx';
import { type DialogRequest, openDialog } from '../dialogs/dialog-store.ts';
import { usePlace } from '../kms/place.ts';
import { lockVault } from '../shell/lock.ts';
import { SCREEN_INFO } from '../shell/screens.tsx';
import { usePaletteObjects } from './palette-objects.tsx';
import { shortcutKeys } from './shortcut-keys.ts';
import { type Entry, shownEntries } from './shown-entries.ts';

/** Every action and every object, by name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [search, setSearch] = useState('');
  const actions = useActions();
  const objects = usePaletteObjects();
  const shown = useMemo(() => shownEntries({ actions, objects }, search), [actions, objects, search]);

  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      className="fixed inset-0 z-20 flex animate-fade-in justify-center bg-scrim px-4 pt-[12vh] pb-4"
    >
      <Modal className="flex max-h-110 w-full max-w-150 flex-col self-start overflow-hidden rounded-panel border border-line bg-float shadow-float">
        <AriaDialog aria-label="Search everything" className="flex min-h-0 flex-col outline-none">
          <Command label="Search everything" shouldFilter={false} loop className="flex min-h-0 flex-col">
            <div className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-4">
              <Search size={16} aria-hidden="true" className="text-muted" />
              <Command.Input
                autoFocus
                value={search}
                onValueChange={setSearch}
                placeholder="Type an action, a key, a profile, a client…"
                className="h-full min-w-0 flex-1 bg-transparent outline-none"
              />
            </div>
            <Command.List label="Results" className="min-h-0 flex-1 overflow-y-auto p-2">
              {shown.length === 0 && <p className="px-3 py-6 text-center text-muted">Nothing is called that.</p>}
              {shown.map(({ group, entries, of }) => (
                <Command.Group
                  key={group}
                  heading={entries.length < of ? `${group}: the first ${entries.length} of ${formatCount(of)}` : group}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-muted"
                >
                  {entries.map((entry) => (
                    <Command.Item
                      key={entry.id}
                      value={entry.id}
                      onSelect={() => {
                        onClose();
                        entry.run();
                      }}
                      className="flex h-9 items-center gap-3 rounded-control px-2 data-[selected=true]:bg-active"
                    >
                      <span className="flex w-4 shrink-0 text-muted">{entry.icon}</span>
                      <span className="min-w-0 truncate">{entry.label}</span>
                      <span className="min-w-0 flex-1 truncate text-muted">{entry.note}</span>
                      {entry.keys !== undefined && <Keys keys={entry.keys} />}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

function useActions(): Entry[] {
  const queries = useQueryClient();
  const settings = useChange('settings.update', 'settings');
  const { place } = usePlace();
  const dialog = (id: string, label: string, request: DialogRequest): Entry => ({
    id: `action:${id}`,
    group: 'Actions',
    label,
    icon: <Plus size={16} aria-hidden="true" />,
    run: () => openDialog(request),
  });
  const theme = (name: 'system' | 'light' | 'dark'): Entry => ({
    id: `theme:${name}`,
    group: 'Actions',
    label: `Use the ${name} theme`,
    icon: <SunMoon size={16} aria-hidden="true" />,
    run: () => settings.mutate({ theme: name }),
  });
  return [
    dialog('key.add', 'Add an access key', { kind: 'key.add' }),
    dialog('credential.add', 'Add a password or SSH key', { kind: 'credential.add' }),
    dialog('totp.add', 'Add to the authenticator', { kind: 'totp.add' }),
    dialog('totp.import', 'Import from another authenticator', { kind: 'totp.add', by: 'file' }),
    dialog('totp.aws', 'Enrol an MFA device at AWS', { kind: 'totp.aws' }),
    dialog('account.add', 'Add an account', { kind: 'account.add' }),
    dialog('signIn.add', 'Add a sign-in', { kind: 'signIn.add' }),
    dialog('profile.add', 'Add a profile', { kind: 'profile.add' }),
    dialog('rotation.start', 'Rotate a key or credential', { kind: 'rotation.start' }),
    dialog('client.add', 'Add a client', { kind: 'client.add' }),
    dialog('account.local', 'Add a local account', { kind: 'account.add', local: true }),
    dialog('account.import', 'Import an account from a file', { kind: 'account.import' }),
    dialog('mfa.enroll', 'Enrol a security key', { kind: 'mfa.enroll' }),
    dialog('slot.addKey', 'Unlock with a security key', { kind: 'slot.addKey' }),
    ...(place === null
      ? []
      : [
          dialog('kms.create', 'Create a KMS key', { kind: 'kms.create', place }),
          dialog('kms.store', 'Create a key store', { kind: 'kms.store', place }),
        ]),
    {
      id: 'action:lock',
      group: 'Actions',
      label: 'Lock the vault',
      keys: shortcutKeys('lock'),
      icon: <Lock size={16} aria-hidden="true" />,
      run: () => void lockVault(queries),
    },
    ...SCREEN_INFO.map(
      ({ screen, label, Icon }): Entry => ({
        id: `screen:${screen}`,
        group: 'Go to',
        label,
        keys: shortcutKeys(screen),
        icon: <Icon size={16} aria-hidden="true" />,
        run: () => navigate(screen),
      }),
    ),
    {
      id: 'action:help',
      group: 'Go to',
      label: 'Shortcuts',
      keys: shortcutKeys('help'),
      icon: <CircleHelp size={16} aria-hidden="true" />,
      run: () => openDialog({ kind: 'help' }),
    },
    theme('system'),
    theme('light'),
    theme('dark'),
  ];
}
