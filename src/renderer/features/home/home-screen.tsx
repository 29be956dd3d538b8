import type { UseQueryResult } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import type { AccessKey, Client, Status } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { feedStore } from '../../api/live.ts';
import { useAccounts, useClients, useKeys, useProfiles } from '../../api/queries.ts';
import { ageInDays, formatRelative, plural } from '../../lib/format.ts';
import { byInstant } from '../../lib/list-model.ts';
import { navigate } from '../../lib/router.ts';
import { useStore } from '../../lib/store.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { ErrorState, RowsSkeleton } from '../../ui/states.tsx';
import { useCertificates } from '../certificates/certificate-queries.ts';
import { ClientState } from '../clients/client-state.tsx';
import { useCredentials } from '../credentials/credential-queries.ts';
import { isCredentialDue } from '../credentials/credential-words.ts';
import { KeyMarks } from '../keys/key-badges.tsx';
import { isDue, keyBirth } from '../keys/key-facts.ts';
import { isSnoozed } from '../rotation/board.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { useSignIns } from '../sign-ins/sign-in-queries.ts';
import { Card, CardRow } from './card.tsx';
import { Feed } from './feed.tsx';
import { FirstRun } from './first-run.tsx';
import { firstSteps } from './first-steps.ts';

const SHOWN = 6;

/** What is in the vault, what needs attention, and what happens right now. */
export function HomeScreen({ status }: { status: Status }) {
  const accounts = useAccounts();
  const keys = useKeys();
  const profiles = useProfiles();
  const clients = useClients();
  const signIns = useSignIns();
  const certificates = useCertificates();
  const requests = useStore(feedStore).filter((event) => event.kind === 'request').length;
  const failed = firstFailed(accounts, keys, profiles, clients);
  if (failed !== null) {
    return <ErrorState what="The vault" error={asWireError(failed.error)} onRetry={() => void failed.refetch()} />;
  }
  const loaded =
    accounts.data !== undefined && keys.data !== undefined && profiles.data !== undefined && clients.data !== undefined;
  // The home screen is there without them, but not with steps that are gone a moment later.
  const asked = !signIns.isPending && !certificates.isPending;
  if (!loaded || !asked) return <RowsSkeleton rows={10} />;
  const steps = firstSteps({
    accounts: accounts.data,
    keys: keys.data,
    profiles: profiles.data,
    clients: clients.data,
    origins: (signIns.data?.length ?? 0) + (certificates.data?.length ?? 0),
    requests,
  });
  const guided = steps.some((step) => !step.done);

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-300 flex-col gap-5 px-6 pt-5 pb-8">
        <header className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <h1 className="flex-1 text-display font-semibold">Home</h1>
          {status.endpoint !== null && (
            <p className="flex items-center gap-1 text-muted">
              Tools sign at <span className="mono text-ink">{status.endpoint}</span>
              <CopyButton text={status.endpoint} label="Copy the endpoint" />
            </p>
          )}
        </header>
        <Attention status={status} keys={keys.data} />
        <div className="grid items-start gap-5 min-[1180px]:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
          <div className="flex min-w-0 flex-col gap-5">
            {guided && <FirstRun steps={steps} profiles={profiles.data} />}
            {keys.data.length > 0 && <KeysCard keys={keys.data} />}
            {clients.data.length > 0 && <ClientsCard clients={clients.data} />}
            {accounts.data.length > 0 && (
              <Card title="Accounts" screen="accounts" linkLabel="All accounts">
                <ul className="py-1">
                  {accounts.data.slice(0, SHOWN).map((account) => (
                    <CardRow key={account.id} onPress={() => navigate('accounts', account.id)}>
                      <span className="min-w-0 flex-1 truncate font-medium">{account.name}</span>
                      <span className="mono shrink-0 text-muted">{account.accountId}</span>
                    </CardRow>
                  ))}
                </ul>
              </Card>
            )}
          </div>
          <Card title="Live" note="requests and changes as they happen" screen="activity" linkLabel="All activity">
            <Feed />
          </Card>
        </div>
      </div>
    </div>
  );
}

function firstFailed(...queries: UseQueryResult<unknown>[]): UseQueryResult<unknown> | null {
  return queries.find((query) => query.isError && query.data === undefined) ?? null;
}

/** Only what somebody should act on. */
function Attention({ status, keys }: { status: Status; keys: readonly AccessKey[] }) {
  const now = useNow();
  const due = keys.filter((key) => isDue(key, now) && !isSnoozed(key, now));
  const credentials = useCredentials();
  const others = credentials.data?.filter((one) => isCredentialDue(one, now)) ?? [];
  return (
    <>
      {status.endpoint === null && (
        <Callout tone="error" title="The front door is closed: tools cannot sign">
          {status.doorError ?? 'The door did not open.'}{' '}
          <RecordLink screen="settings" id={null}>
            Choose another port
          </RecordLink>
        </Callout>
      )}
      {credentials.isError && credentials.data === undefined && (
        <ErrorCallout
          title="Passwords and SSH keys could not be read"
          error={asWireError(credentials.error)}
          actions={
            <Button size="compact" onPress={() => void credentials.refetch()}>
              Try again
            </Button>
          }
        />
      )}
      {due.length + others.length > 0 && (
        <p className="flex items-start gap-2">
          <TriangleAlert size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-warn-ink" />
          <span>
            <span className="font-medium">{dueWords(due.length, others.length)} due:</span> over{' '}
            {due.length + others.length === 1 ? 'its' : 'their'} age.{' '}
            <RecordLink screen="rotation" id={null}>
              Rotate {due.length + others.length === 1 ? 'it' : 'them'}
            </RecordLink>
          </span>
        </p>
      )}
    </>
  );
}

function dueWords(keys: number, others: number): string {
  const counted = [
    ...(keys === 0 ? [] : [plural(keys, 'access key')]),
    ...(others === 0 ? [] : [plural(others, 'credential')]),
  ];
  return counted.join(' and ');
}

function KeysCard({ keys }: { keys: readonly AccessKey[] }) {
  const now = useNow();
  // Due keys first: they are why one looks here. Then by use.
  const shown = [...keys]
    .sort(
      (a, b) => Number(isDue(b, now)) - Number(isDue(a, now)) || byInstant<AccessKey>((key) => key.lastUsedAt)(a, b),
    )
    .slice(0, SHOWN);
  return (
    <Card
      title="Access keys"
      note={keys.length > SHOWN ? `${SHOWN} of ${keys.length}` : ''}
      screen="keys"
      linkLabel="All keys"
    >
      <ul className="py-1">
        {shown.map((key) => (
          <CardRow key={key.id} onPress={() => navigate('keys', key.id)}>
            <span className="min-w-0 flex-[5] truncate font-medium">{key.name}</span>
            <span className="flex min-w-0 flex-[6] items-center justify-between gap-2">
              <span className="min-w-0 truncate text-muted">{key.account}</span>
              <KeyMarks keyRecord={key} now={now} />
            </span>
            <span className="w-12 shrink-0 text-right text-muted tabular-nums">{ageInDays(keyBirth(key), now)} d</span>
            <span className="w-20 shrink-0 truncate text-right text-muted tabular-nums">
              {key.lastUsedAt === undefined ? 'never used' : formatRelative(key.lastUsedAt, now)}
            </span>
          </CardRow>
        ))}
      </ul>
    </Card>
  );
}

function ClientsCard({ clients }: { clients: readonly Client[] }) {
  const now = useNow();
  const shown = [...clients].sort(byInstant((client) => client.lastUsedAt)).slice(0, SHOWN);
  return (
    <Card
      title="Clients"
      note={clients.length > SHOWN ? `${SHOWN} of ${clients.length}` : ''}
      screen="clients"
      linkLabel="All clients"
    >
      <ul className="py-1">
        {shown.map((client) => (
          <CardRow key={client.id} onPress={() => navigate('clients', client.id)}>
            <span className="min-w-0 flex-[5] truncate font-medium">{client.name}</span>
            <span className="flex min-w-0 flex-[6] items-center justify-between gap-2">
              <span className="min-w-0 truncate text-muted">{client.profile}</span>
              <ClientState client={client} quiet />
            </span>
            <span className="w-20 shrink-0 truncate text-right text-muted tabular-nums">
              {client.lastUsedAt === undefined ? 'never used' : formatRelative(client.lastUsedAt, now)}
            </span>
          </CardRow>
        ))}
      </ul>
    </Card>
  );
}
