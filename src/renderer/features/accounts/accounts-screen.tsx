import { Building2, KeySquare, Pencil, Plus, Server } from 'lucide-react';
import type { Account } from '../../../contract/schemas.ts';
import { useAccounts, useKeys, useProfiles } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { byInstant, byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { navigate } from '../../lib/router.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { RecentActivity } from '../activity/recent-activity.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { useAllKmsKeys } from '../kms/kms-queries.ts';
import { goToPlace } from '../kms/place.ts';
import { scheduleWords } from '../rotation/schedule-words.ts';
import { RecordLink } from '../shell/record-link.tsx';

const SORTS: readonly Sort<Account>[] = [
  { id: 'name', label: 'Name', compare: byText((account) => account.name) },
  { id: 'id', label: 'Account id', compare: byText((account) => account.accountId) },
  { id: 'newest', label: 'Newest first', compare: byInstant((account) => account.createdAt) },
];
const FILTERS: readonly Filter<Account>[] = [
  { id: 'local', label: 'Local', group: 'kind', keep: (account) => account.kind === 'local' },
];

export function AccountsScreen() {
  const add = () => openDialog({ kind: 'account.add' });
  const importButton = (
    <Button size="compact" onPress={() => openDialog({ kind: 'account.import' })}>
      Import an account…
    </Button>
  );
  return (
    <ListPage
      screen="accounts"
      title="Accounts"
      noun="account"
      query={useAccounts()}
      text={(account) => `${account.name} ${account.accountId} ${account.note ?? ''}`}
      sorts={SORTS}
      filters={FILTERS}
      icon={<Building2 size={16} />}
      row={(account) => (
        <span className="flex min-w-0 flex-1 items-center gap-3">
          <span className="min-w-24 flex-1 truncate font-medium">{account.name}</span>
          {account.kind === 'local' && <span className="shrink-0 text-muted">local</span>}
          {account.endpointUrl !== undefined && (
            <Server size={16} aria-label="own endpoint" className="shrink-0 text-muted" />
          )}
          <span className="mono shrink-0 text-muted">{account.accountId}</span>
        </span>
      )}
      detail={(account) => <AccountDetail account={account} />}
      detailLabel={(account) => `Account ${account.name}`}
      onAdd={add}
      more={importButton}
      empty={
        <EmptyState
          title="No accounts yet"
          command="keyhold account add prod --remote --id 123456789012"
          action={
            <Button variant="primary" onPress={add}>
              Add an account
            </Button>
          }
        >
          An account gives a name to an AWS account id. Access keys belong to it. A local one lives in this vault
          instead, with a KMS of its own.
        </EmptyState>
      }
      bulk={[
        {
          id: 'remove',
          label: 'Remove…',
          danger: true,
          run: (accounts) =>
            openDialog({ kind: 'remove', subject: 'account', names: accounts.map((account) => account.name) }),
        },
      ]}
    />
  );
}

function AccountDetail({ account }: { account: Account }) {
  const keys = useKeys().data?.filter((key) => key.account === account.name) ?? [];
  const profiles = useProfiles().data?.filter((profile) => profile.account === account.name) ?? [];
  const local = account.kind === 'local';
  return (
    <>
      <DetailHead
        title={account.name}
        subtitle={
          <>
            <span className="mono">{account.accountId}</span>
            <Dot />
            <span>{account.kind === 'local' ? 'lives in this vault' : 'remote'}</span>
          </>
        }
        actions={
          <>
            {local ? (
              <Button
                variant="primary"
                icon={<KeySquare size={16} aria-hidden="true" />}
                onPress={() => {
                  goToPlace({ account: account.name, region: null });
                  navigate('kms');
                }}
              >
                KMS keys
              </Button>
            ) : (
              <Button
                variant="primary"
                icon={<Plus size={16} aria-hidden="true" />}
                onPress={() => openDialog({ kind: 'key.add', account: account.name })}
              >
                Add an access key
              </Button>
            )}
            <Button
              icon={<Pencil size={16} aria-hidden="true" />}
              onPress={() => openDialog({ kind: 'account.edit', account })}
            >
              Edit
            </Button>
            {local && <Button onPress={() => openDialog({ kind: 'account.export', account })}>Export…</Button>}
            {local && (
              <Button variant="danger-ghost" onPress={() => openDialog({ kind: 'account.reset', account })}>
                Empty…
              </Button>
            )}
            <Button
              variant="danger-ghost"
              onPress={() => openDialog({ kind: 'remove', subject: 'account', names: [account.name] })}
            >
              Remove…
            </Button>
          </>
        }
      />
      <Section title="Account">
        <Facts>
          <Fact name="Account id">
            <span className="mono">{account.accountId}</span>
            <CopyButton text={account.accountId} label="Copy the account id" />
          </Fact>
          <Fact name="Endpoint">
            {local ? (
              'This Keyhold'
            ) : account.endpointUrl === undefined ? (
              'AWS, by service and region'
            ) : (
              <span className="mono break-all">{account.endpointUrl}</span>
            )}
          </Fact>
          <Fact name="Added">
            <RelativeTime instant={account.createdAt} />
          </Fact>
          {!local && (
            <Fact name="Maximum age">
              {account.maxAgeDays === undefined ? (
                <span className="text-muted">none set for its keys</span>
              ) : (
                `${plural(account.maxAgeDays, 'day')} for its keys`
              )}
              <Button
                size="compact"
                variant="ghost"
                onPress={() => openDialog({ kind: 'rotation.maxAge', target: { kind: 'account', account } })}
              >
                Change…<span className="sr-only"> the maximum age</span>
              </Button>
            </Fact>
          )}
          {!local && (
            <Fact name="Keys that are due">
              <span className={account.schedule === undefined ? 'text-muted' : ''}>
                {scheduleWords(account.schedule)}
              </span>
              <Button
                size="compact"
                variant="ghost"
                onPress={() => openDialog({ kind: 'rotation.schedule', target: { kind: 'account', account } })}
              >
                Change…<span className="sr-only"> what happens when they are due</span>
              </Button>
            </Fact>
          )}
          {account.note !== undefined && account.note !== '' && (
            <Fact name="Note">
              <span className="whitespace-pre-wrap">{account.note}</span>
            </Fact>
          )}
        </Facts>
      </Section>
      {local && <LocalServices account={account} />}
      {!local && (
        <Section title="Access keys">
          {keys.length === 0 ? (
            <p className="text-muted">No access key of this account is in the vault.</p>
          ) : (
            <ul>
              {keys.slice(0, 50).map((key) => (
                <li key={key.id} className="flex min-h-8 items-center gap-3">
                  <RecordLink screen="keys" id={key.id}>
                    {key.name}
                  </RecordLink>
                  <span className="mono min-w-0 flex-1 truncate text-muted">{key.accessKeyId}</span>
                  {key.status === 'disabled' && <span className="text-muted">disabled</span>}
                </li>
              ))}
            </ul>
          )}
        </Section>
      )}
      <Section title="Profiles">
        {profiles.length === 0 ? (
          <p className="text-muted">No profile signs for this account.</p>
        ) : (
          <ul>
            {profiles.slice(0, 50).map((profile) => (
              <li key={profile.id} className="flex min-h-8 items-center gap-3">
                <RecordLink screen="profiles" id={profile.id}>
                  {profile.name}
                </RecordLink>
                <span className="text-muted">{profile.region}</span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Activity">
        <RecentActivity filter={{ account: account.name }} />
      </Section>
    </>
  );
}

/** The KMS of a local account, Region by Region. */
function LocalServices({ account }: { account: Account }) {
  const keys = useAllKmsKeys().data?.filter((key) => key.account === account.name);
  const regions = Map.groupBy(keys ?? [], (key) => key.region);
  return (
    <Section title="KMS">
      {keys === undefined ? null : regions.size === 0 ? (
        <p className="text-muted">No keys yet.</p>
      ) : (
        <ul>
          {[...regions].map(([region, held]) => (
            <li key={region} className="flex min-h-8 items-center gap-3">
              <Button
                size="compact"
                variant="ghost"
                className="-ml-2"
                onPress={() => {
                  goToPlace({ account: account.name, region });
                  navigate('kms');
                }}
              >
                {region}
              </Button>
              <span className="text-muted">{plural(held.length, 'key')}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
