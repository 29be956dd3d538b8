import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeySquare, RefreshCw } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { Region } from '../../../../contract/schemas.ts';
import { asWireError } from '../../../api/error.ts';
import { refresh, useProfiles } from '../../../api/queries.ts';
import { formatCount, listNames, plural } from '../../../lib/format.ts';
import { COMMON_REGIONS } from '../../../lib/regions.ts';
import { matches, useForm } from '../../../lib/use-form.ts';
import { withMember } from '../../../lib/with-member.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Chips } from '../../../ui/chips.tsx';
import { ComboField } from '../../../ui/combo-field.tsx';
import { Dialog, DialogFooter } from '../../../ui/dialog.tsx';
import { TextField } from '../../../ui/field.tsx';
import { SearchField } from '../../../ui/search-field.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { VirtualList, type VirtualListHandle } from '../../../ui/virtual-list.tsx';
import { filledName, foundRows, type RoleRow, templateError } from './role-rows.ts';

const CHIPS = [{ id: 'missing', label: 'Without a profile' }];

export interface AddedProfiles {
  profiles: readonly string[];
  accounts: readonly string[];
}

/** Every account and role, searched and ticked; the ticked ones become profiles. */
export function RolesBrowser({
  title,
  rows,
  note,
  add,
  isReading,
  onRefresh,
  onClose,
}: {
  title: string;
  rows: readonly RoleRow[];
  /** What is worth knowing before, e.g. how long sessions can be got. */
  note?: ReactNode;
  add: (rows: readonly RoleRow[], region: string, nameTemplate: string) => Promise<AddedProfiles>;
  isReading: boolean;
  onRefresh: () => void;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const list = useRef<VirtualListHandle>(null);
  const searchField = useRef<HTMLInputElement>(null);
  useEffect(() => searchField.current?.focus(), []);
  const region = useProfiles().data?.[0]?.region ?? 'us-east-1';
  const [search, setSearch] = useState('');
  const [chips, setChips] = useState<readonly string[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const form = useForm({ region, template: '{account}-{role}' }, { region: matches(Region), template: templateError });
  const shown = foundRows(rows, search, chips.includes('missing'));
  const at = shown.some(({ id }) => id === cursor) ? cursor : (shown[0]?.id ?? null);
  const chosen = rows.filter((row) => ticked.has(row.id) && row.profiles.length === 0);
  const first = chosen[0] ?? shown.find((row) => row.profiles.length === 0);

  const adding = useMutation({
    mutationFn: ({ region: into, template }: { region: string; template: string }) => add(chosen, into, template),
    onSuccess: async ({ profiles, accounts }) => {
      await refresh(queries, 'signIns', 'profiles', 'accounts', 'sessions');
      const made = accounts.length === 0 ? '' : ` and ${plural(accounts.length, 'account')}`;
      notify({ message: `Added ${plural(profiles.length, 'profile')}${made}.` });
      onClose();
    },
  });
  const save = () => {
    if (chosen.length === 0 || !form.validate()) return;
    adding.mutate({ region: form.values.region, template: form.values.template });
  };

  return (
    <Dialog title={title} width="large" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!adding.isPending) save();
        }}
      >
        <div className="flex shrink-0 flex-col gap-2 border-b border-line px-5 py-3">
          <div className="flex items-center gap-1">
            <SearchField
              label="Search accounts and roles"
              value={search}
              onChange={setSearch}
              inputRef={searchField}
              hasKey={false}
              onLeave={() => list.current?.focus()}
              className="flex-1"
            />
            <IconButton
              label={isReading ? 'Reading…' : 'Read again'}
              isDisabled={isReading}
              className="size-8"
              icon={<RefreshCw size={16} aria-hidden="true" />}
              onPress={onRefresh}
            />
          </div>
          <div className="flex items-center gap-3">
            <Chips label="Filters" chips={CHIPS} on={chips} onChange={setChips} />
            <span className="ml-auto text-muted tabular-nums">
              {shown.length === rows.length
                ? plural(rows.length, 'role')
                : `${formatCount(shown.length)} of ${formatCount(rows.length)}`}
            </span>
          </div>
        </div>
        {/* Where there is little room the list gives way first, and then all of it scrolls: the footer is always there. */}
        <div className="flex min-h-0 flex-col overflow-y-auto">
          <div className="flex h-72 min-h-32 flex-col">
            {shown.length === 0 ? (
              <p className="m-auto text-muted">No role matches.</p>
            ) : (
              <VirtualList
                label="Accounts and roles"
                items={shown}
                id={(row) => row.id}
                row={(row) => <Row row={row} />}
                rowHeight={() => 32}
                icon={<KeySquare size={16} />}
                cursor={at}
                onCursor={setCursor}
                onOpen={(id) => setTicked(withMember(ticked, id, !ticked.has(id)))}
                ticked={ticked}
                onTick={(next) => setTicked(withoutTaken(next, rows))}
                handle={list}
              />
            )}
          </div>
          <div className="flex shrink-0 flex-col gap-3 border-t border-line px-5 py-4">
            <div className="grid gap-3 wide:grid-cols-2">
              <ComboField label="Region of the profiles" suggestions={COMMON_REGIONS} {...form.field('region')} />
              <TextField
                label="Their names"
                mono
                {...form.field('template')}
                hint={
                  first === undefined ? (
                    'With {account} or {accountId}, and {role}.'
                  ) : (
                    <>
                      Like <span className="mono break-all">{filledName(form.values.template, first)}</span>
                    </>
                  )
                }
              />
            </div>
            {note}
            {adding.isError && <ErrorCallout error={asWireError(adding.error)} />}
          </div>
        </div>
        <DialogFooter>
          <span role="status" className="mr-auto text-muted">
            {chosen.length === 0 ? 'Tick roles with the space bar, all of them with Ctrl+A.' : summaryOf(chosen)}
          </span>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={chosen.length === 0 || adding.isPending}>
            {adding.isPending
              ? 'Adding…'
              : chosen.length === 0
                ? 'Add profiles'
                : `Add ${plural(chosen.length, 'profile')}`}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}

function Row({ row }: { row: RoleRow }) {
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3">
      <span
        className={
          row.isFirst
            ? 'flex min-w-0 flex-[5] items-baseline gap-2'
            : 'flex min-w-0 flex-[5] items-baseline gap-2 opacity-0'
        }
      >
        <span className="min-w-0 truncate font-medium">{row.accountName}</span>
        {row.accountName !== row.accountId && <span className="mono shrink-0 text-muted">{row.accountId}</span>}
      </span>
      <span className="min-w-0 flex-[4] truncate">{row.roleName}</span>
      <span className="min-w-0 flex-[3] truncate text-right text-muted">
        {row.profiles.length === 0 ? '' : listNames(row.profiles, 1)}
      </span>
    </span>
  );
}

/** What has a profile already is not ticked with the others. */
function withoutTaken(ids: ReadonlySet<string>, rows: readonly RoleRow[]): ReadonlySet<string> {
  const taken = new Set(rows.filter((row) => row.profiles.length > 0).map(({ id }) => id));
  return new Set([...ids].filter((id) => !taken.has(id)));
}

function summaryOf(chosen: readonly RoleRow[]): string {
  const accounts = new Set(chosen.map(({ accountId }) => accountId)).size;
  const fresh = new Set(chosen.flatMap((row) => (row.account === undefined ? [row.accountId] : []))).size;
  const added = fresh === 0 ? '' : `, ${plural(fresh, 'account')} to be added`;
  return `${plural(chosen.length, 'role')} of ${plural(accounts, 'account')}${added}`;
}
