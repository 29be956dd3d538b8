import { useQueryClient } from '@tanstack/react-query';
import { SquareTerminal } from 'lucide-react';
import type { Client, Status } from '../../../contract/schemas.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useClients } from '../../api/queries.ts';
import { formatRelative, plural } from '../../lib/format.ts';
import { byInstant, byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { setMany } from '../shell/set-many.ts';
import { ClientDetail } from './client-detail.tsx';
import { ClientState } from './client-state.tsx';

const SORTS: readonly Sort<Client>[] = [
  { id: 'used', label: 'Last used first', compare: byInstant((client) => client.lastUsedAt) },
  { id: 'name', label: 'Name', compare: byText((client) => client.name) },
  { id: 'profile', label: 'Profile', compare: byText((client) => client.profile) },
  { id: 'newest', label: 'Newest first', compare: byInstant((client) => client.createdAt) },
];
const FILTERS: readonly Filter<Client>[] = [
  { id: 'tool', label: 'Tools', group: 'purpose', keep: (client) => client.purpose === 'tool' },
  { id: 'run', label: 'Runs', group: 'purpose', keep: (client) => client.purpose !== 'tool' },
  { id: 'off', label: 'Not working', group: 'state', keep: (client) => client.expired || !client.enabled },
];

const searchText = (client: Client) => `${client.name} ${client.profile} ${client.accessKeyId} ${client.purpose}`;

export function ClientsScreen({ status }: { status: Status }) {
  const queries = useQueryClient();
  const add = () => openDialog({ kind: 'client.add' });

  const setEnabled = async (clients: readonly Client[], enabled: boolean, undoable = true) => {
    const changed = clients.filter((client) => client.enabled !== enabled);
    await setMany(
      changed,
      {
        doing: enabled ? 'Enabling' : 'Disabling',
        done: enabled ? 'Enabled' : 'Disabled',
        what: plural(changed.length, 'client'),
        none: `No client here is ${enabled ? 'disabled' : 'enabled'}.`,
        nameOf: ({ name }) => name,
      },
      (client) => call('client.update', { name: client.name, enabled }),
      undoable
        ? (done) =>
            void setEnabled(
              done.map((client) => ({ ...client, enabled })),
              !enabled,
              false,
            )
        : undefined,
    );
    await refresh(queries, 'clients');
  };

  return (
    <ListPage
      screen="clients"
      title="Clients"
      noun="client"
      query={useClients()}
      text={searchText}
      sorts={SORTS}
      filters={FILTERS}
      icon={<SquareTerminal size={16} />}
      row={(client) => <ClientRow client={client} />}
      detail={(client) => (
        <ClientDetail client={client} status={status} onEnable={(enabled) => void setEnabled([client], enabled)} />
      )}
      detailLabel={(client) => `Client ${client.name}`}
      onAdd={add}
      empty={
        <EmptyState
          title="No clients yet"
          command="keyhold client add terraform --profile prod"
          action={
            <Button variant="primary" onPress={add}>
              Add a client
            </Button>
          }
        >
          A client is a tool with a key of its own. That key works only here, and can be taken back at any time.
        </EmptyState>
      }
      bulk={[
        {
          id: 'enable',
          label: 'Enable',
          run: (clients) => void setEnabled(clients, true),
        },
        {
          id: 'disable',
          label: 'Disable',
          run: (clients) => void setEnabled(clients, false),
        },
        {
          id: 'remove',
          label: 'Remove…',
          danger: true,
          run: (clients) =>
            openDialog({ kind: 'remove', subject: 'client', names: clients.map((client) => client.name) }),
        },
      ]}
    />
  );
}

function ClientRow({ client }: { client: Client }) {
  const now = useNow();
  return (
    <span className="flex min-w-0 flex-1 items-center gap-2">
      <span className="min-w-0 flex-[3] truncate font-medium">{client.name}</span>
      <span className="flex min-w-0 flex-[2] items-center justify-between gap-2">
        <span className="min-w-0 truncate text-muted">{client.profile}</span>
        <ClientState client={client} quiet />
      </span>
      <span className="w-18 shrink-0 text-right text-muted tabular-nums">
        {client.lastUsedAt === undefined ? 'never' : formatRelative(client.lastUsedAt, now)}
      </span>
    </span>
  );
}
