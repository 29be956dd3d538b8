import { ExternalLink, LogOut, Pencil, Plus, UserRoundCog } from 'lucide-react';
import type { Profile } from '../../../contract/schemas.ts';
import { useAccounts, useClients, useProfiles, useSettings } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { byInstant, byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { CodeBlock, CodeLine } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { RecentActivity } from '../activity/recent-activity.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { GateSection } from '../gates/gate-section.tsx';
import { LeaveSection } from '../leave/leave-section.tsx';
import { hasConsole } from '../leave/leave-words.ts';
import { SessionSection } from '../sessions/session-section.tsx';
import { AccountFact } from '../shell/account-fact.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { ChainPicture } from './chain-picture.tsx';
import { RoleFacts } from './role-facts.tsx';
import { searchedSigner, signerWords } from './signer-words.ts';

const SORTS: readonly Sort<Profile>[] = [
  { id: 'name', label: 'Name', compare: byText((profile) => profile.name) },
  { id: 'account', label: 'Account', compare: byText((profile) => profile.account) },
  { id: 'newest', label: 'Newest first', compare: byInstant((profile) => profile.createdAt) },
];
const FILTERS: readonly Filter<Profile>[] = [
  { id: 'unused', label: 'Without clients', group: 'clients', keep: (profile) => profile.clients === 0 },
  { id: 'role', label: 'With a role', group: 'session', keep: hasRole },
];

/** One of Identity Center has the role of its sign-in. */
function hasRole({ role, origin }: Profile): boolean {
  return role !== undefined || origin?.kind === 'sso';
}

export function ProfilesScreen() {
  const add = () => openDialog({ kind: 'profile.add' });
  return (
    <ListPage
      screen="profiles"
      title="Profiles"
      noun="profile"
      query={useProfiles()}
      text={(profile) =>
        `${profile.name} ${profile.account} ${searchedSigner(profile)} ${profile.region} ${profile.accountId}`
      }
      sorts={SORTS}
      filters={FILTERS}
      icon={<UserRoundCog size={16} />}
      row={(profile) => (
        <span className="flex min-w-0 flex-1 items-center gap-2">
          <span className="min-w-0 flex-[3] truncate font-medium">{profile.name}</span>
          <span className="min-w-0 flex-[2] truncate text-muted">{signerWords(profile)}</span>
          <span className="w-24 shrink-0 truncate text-right text-muted">{profile.region}</span>
        </span>
      )}
      detail={(profile) => <ProfileDetail profile={profile} />}
      detailLabel={(profile) => `Profile ${profile.name}`}
      onAdd={add}
      empty={
        <EmptyState
          title="No profiles yet"
          command="keyhold profile add prod --account prod --key deploy-bot"
          action={
            <Button variant="primary" onPress={add}>
              Add a profile
            </Button>
          }
        >
          A profile is what tools name: an access key or a role, with a region.
        </EmptyState>
      }
      bulk={[
        {
          id: 'remove',
          label: 'Remove…',
          danger: true,
          run: (profiles) =>
            openDialog({ kind: 'remove', subject: 'profile', names: profiles.map((profile) => profile.name) }),
        },
      ]}
    />
  );
}

function ProfileDetail({ profile }: { profile: Profile }) {
  const account = useAccounts().data?.find((one) => one.name === profile.account);
  const settings = useSettings().data;
  const clients = useClients().data?.filter((client) => client.profile === profile.name) ?? [];
  return (
    <>
      <DetailHead
        title={profile.name}
        subtitle={
          <>
            <span>{profile.region}</span>
            <Dot />
            <span>{plural(profile.clients, 'client')}</span>
          </>
        }
        actions={
          <>
            <Button
              variant="primary"
              icon={<Plus size={16} aria-hidden="true" />}
              onPress={() => openDialog({ kind: 'client.add', profile: profile.name })}
            >
              Add a client
            </Button>
            {hasConsole(profile, account, settings) && (
              <>
                <Button
                  icon={<ExternalLink size={16} aria-hidden="true" />}
                  onPress={() => openDialog({ kind: 'profile.console', profile })}
                >
                  Console…
                </Button>
                <IconButton
                  label="Sign out of the console"
                  className="size-8"
                  icon={<LogOut size={16} aria-hidden="true" />}
                  onPress={() => openDialog({ kind: 'profile.consoleSignOut', profile })}
                />
              </>
            )}
            <Button
              icon={<Pencil size={16} aria-hidden="true" />}
              onPress={() => openDialog({ kind: 'profile.edit', profile })}
            >
              Edit
            </Button>
            <Button
              variant="danger-ghost"
              onPress={() => openDialog({ kind: 'remove', subject: 'profile', names: [profile.name] })}
            >
              Remove…
            </Button>
          </>
        }
      />
      <Section title="Use in a terminal">
        <p className="text-muted">One command gets a client key of its own, which is gone when it ends:</p>
        <CodeLine text={`keyhold exec ${shellQuote(profile.name)} -- aws s3 ls`} />
        <p className="text-muted">
          Or write all profiles into <code>~/.aws/config</code> once, and use them from any tool:
        </p>
        <CodeBlock
          label="the commands"
          text={`keyhold config install\naws s3 ls --profile ${shellQuote(profile.name)}`}
        />
      </Section>
      <Section title="Credentials">
        <ChainPicture profile={profile} />
      </Section>
      {profile.session !== undefined && <SessionSection profileId={profile.id} />}
      <Section title="Profile">
        <Facts>
          {profile.role !== undefined && <RoleFacts role={profile.role} />}
          {profile.mfaSerial !== undefined && (
            <Fact name="MFA device">
              <span className="mono break-all">{profile.mfaSerial}</span>
            </Fact>
          )}
          <AccountFact name={profile.account} account={account}>
            <span className="mono text-muted">{profile.accountId}</span>
          </AccountFact>
          <Fact name="Region">{profile.region}</Fact>
          <Fact name="Output">{profile.output ?? 'json'}</Fact>
          <Fact name="Added">
            <RelativeTime instant={profile.createdAt} />
          </Fact>
        </Facts>
      </Section>
      {account?.kind === 'remote' && <LeaveSection profile={profile} />}
      <GateSection target={{ kind: 'profile', name: profile.name }} gate={profile.gate} />
      <Section title="Clients">
        {clients.length === 0 ? (
          <p className="text-muted">No tool has a client key for this profile.</p>
        ) : (
          <ul>
            {clients.slice(0, 50).map((client) => (
              <li key={client.id} className="flex min-h-8 items-center gap-3">
                <RecordLink screen="clients" id={client.id}>
                  {client.name}
                </RecordLink>
                <span className="min-w-0 flex-1 truncate text-right text-muted">
                  {client.lastUsedAt === undefined ? 'never used' : <RelativeTime instant={client.lastUsedAt} />}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Activity">
        <RecentActivity filter={{ profile: profile.name }} />
      </Section>
    </>
  );
}
