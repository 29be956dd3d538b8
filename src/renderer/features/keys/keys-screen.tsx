import { useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import type { AccessKey } from '../../../contract/schemas.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useKeys } from '../../api/queries.ts';
import { ageInDays, plural } from '../../lib/format.ts';
import { byInstant, byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { setMany } from '../shell/set-many.ts';
import { KeyMarks } from './key-badges.tsx';
import { KeyDetail } from './key-detail.tsx';
import { isDue, isOld, keyBirth } from './key-facts.ts';
import { KeyKinds } from './key-kinds.tsx';

const SORTS: readonly Sort<AccessKey>[] = [
  { id: 'account', label: 'Account, then name', compare: byText((key) => `${key.account}\u0000${key.name}`) },
  { id: 'name', label: 'Name', compare: byText((key) => key.name) },
  { id: 'oldest', label: 'Oldest first', compare: (a, b) => keyBirth(a).localeCompare(keyBirth(b)) },
  { id: 'used', label: 'Last used first', compare: byInstant((key) => key.lastUsedAt) },
];

const FILTERS: readonly Filter<AccessKey>[] = [
  { id: 'due', label: 'Due', group: 'state', keep: (key) => isDue(key, Date.now()) },
  { id: 'old', label: 'Old', group: 'state', keep: (key) => isOld(key, Date.now()) },
  { id: 'unused', label: 'Never used', group: 'state', keep: (key) => key.lastUsedAt === undefined },
  { id: 'disabled', label: 'Disabled', group: 'state', keep: (key) => key.status === 'disabled' },
];

const searchText = (key: AccessKey) =>
  [key.name, key.account, key.accessKeyId, key.note, ...Object.entries(key.tags).flat()].join(' ');

export function KeysScreen() {
  const query = useKeys();
  const queries = useQueryClient();
  const add = () => openDialog({ kind: 'key.add' });

  const setStatus = async (keys: readonly AccessKey[], status: 'active' | 'disabled', undoable = true) => {
    const disable = status === 'disabled';
    const changed = keys.filter((key) => key.status !== status);
    await setMany(
      changed,
      {
        doing: disable ? 'Disabling' : 'Enabling',
        done: disable ? 'Disabled' : 'Enabled',
        what: plural(changed.length, 'access key'),
        none: `No access key here is ${disable ? 'enabled' : 'disabled'}.`,
        nameOf: ({ name }) => name,
      },
      (key) => call('key.update', { name: key.name, status }),
      undoable
        ? (done) =>
            void setStatus(
              done.map((key) => ({ ...key, status })),
              disable ? 'active' : 'disabled',
              false,
            )
        : undefined,
    );
    await refresh(queries, 'keys');
  };

  return (
    <ListPage
      screen="keys"
      title="Access keys"
      noun="access key"
      query={query}
      text={searchText}
      sorts={SORTS}
      filters={FILTERS}
      icon={<KeyRound size={16} />}
      row={(key) => <KeyRow keyRecord={key} />}
      detail={(key) => <KeyDetail keyRecord={key} />}
      detailLabel={(key) => `Access key ${key.name}`}
      scope={<KeyKinds value="keys" />}
      onAdd={add}
      empty={
        <EmptyState
          title="No access keys yet"
          command="keyhold import aws"
          action={
            <Button variant="primary" onPress={add}>
              Add an access key
            </Button>
          }
        >
          A key goes in once and never comes out: Keyhold signs with it on behalf of your tools.
        </EmptyState>
      }
      bulk={[
        {
          id: 'enable',
          label: 'Enable',
          run: (keys) => void setStatus(keys, 'active'),
        },
        {
          id: 'disable',
          label: 'Disable',
          run: (keys) => void setStatus(keys, 'disabled'),
        },
        {
          id: 'remove',
          label: 'Remove…',
          danger: true,
          run: (keys) => openDialog({ kind: 'remove', subject: 'key', names: keys.map((key) => key.name) }),
        },
      ]}
    />
  );
}

function KeyRow({ keyRecord }: { keyRecord: AccessKey }) {
  const now = useNow();
  const days = ageInDays(keyBirth(keyRecord), now);
  return (
    <span className="flex min-w-0 flex-1 items-center gap-2">
      <span className="w-16 shrink-0 truncate text-muted">{keyRecord.account}</span>
      <span className="min-w-0 flex-1 truncate font-medium">{keyRecord.name}</span>
      <KeyMarks keyRecord={keyRecord} now={now} />
      {keyRecord.status === 'active' && (
        <span className="w-10 shrink-0 text-right text-muted tabular-nums">{days} d</span>
      )}
    </span>
  );
}
