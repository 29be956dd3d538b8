import { useQueryClient } from '@tanstack/react-query';
import { Hourglass } from 'lucide-react';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useProfiles } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { navigate } from '../../lib/router.ts';
import { Button } from '../../ui/button.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Section } from '../../ui/facts.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { notify } from '../../ui/toast-store.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { ChainPicture } from '../profiles/chain-picture.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { SessionActions, SessionFacts, SessionTrouble, useRefreshSession } from './session-panel.tsx';
import { type LiveSession, useSessions } from './session-queries.ts';
import { RemainingMark, SessionBadge } from './session-state.tsx';
import { kindWords, stateAt, whoOf } from './session-words.ts';

const SORTS: readonly Sort<LiveSession>[] = [
  { id: 'profile', label: 'Profile', compare: byText((session) => session.profile) },
  {
    id: 'ends',
    label: 'Expires first',
    compare: (a, b) => (a.endsAt ?? Number.POSITIVE_INFINITY) - (b.endsAt ?? Number.POSITIVE_INFINITY),
  },
  { id: 'account', label: 'Account', compare: byText((session) => session.account) },
];
const FILTERS: readonly Filter<LiveSession>[] = [
  { id: 'active', label: 'Active', group: 'state', keep: (one) => stateAt(one, Date.now()) === 'active' },
  { id: 'refused', label: 'Refused', group: 'state', keep: (one) => one.failure !== undefined },
  { id: 'expired', label: 'Expired', group: 'state', keep: (one) => stateAt(one, Date.now()) === 'expired' },
];

/** The temporary credentials of every profile that works with some. */
export function SessionsScreen() {
  const queries = useQueryClient();
  const refreshAll = async (sessions: readonly LiveSession[]) => {
    const outcomes = await Promise.allSettled(sessions.map(({ profile }) => call('session.refresh', { profile })));
    const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [asWireError(one.reason)] : []));
    const got = outcomes.length - failed.length;
    if (got > 0) notify({ message: `AWS gave ${plural(got, 'new session')}.` });
    if (failed[0] !== undefined) notify({ message: failed[0].message, tone: 'error' });
    await refresh(queries, 'sessions');
  };
  return (
    <ListPage
      screen="sessions"
      title="Sessions"
      noun="session"
      query={useSessions()}
      text={(one) => `${one.profile} ${one.account} ${one.chain.join(' ')} ${one.arn ?? ''} ${one.roleArn ?? ''}`}
      sorts={SORTS}
      filters={FILTERS}
      icon={<Hourglass size={16} />}
      row={(session) => (
        <span className="flex min-w-0 flex-1 items-center gap-2">
          <span className="min-w-0 flex-[3] truncate font-medium">{session.profile}</span>
          <span className="min-w-0 flex-[2] truncate text-muted">{session.account}</span>
          <span className="flex w-26 shrink-0 justify-end">
            <RemainingMark session={session} />
          </span>
        </span>
      )}
      detail={(session) => <SessionDetail session={session} />}
      detailLabel={(session) => `Session of ${session.profile}`}
      empty={
        <EmptyState
          title="No profile works with a session"
          command="keyhold profile add deploy --account prod --key deploy-bot --role-arn arn:aws:iam::123456789012:role/deploy"
          action={
            <Button variant="primary" onPress={() => navigate('profiles')}>
              Go to profiles
            </Button>
          }
        >
          A profile with a role, or with an MFA device, gets temporary credentials from AWS. They stand here, with the
          time that they have left.
        </EmptyState>
      }
      bulk={[
        { id: 'refresh', label: 'Refresh', run: (sessions) => void refreshAll(sessions) },
        {
          id: 'revoke',
          label: 'Revoke…',
          danger: true,
          run: (sessions) => openDialog({ kind: 'session.revoke', profiles: sessions.map(({ profile }) => profile) }),
        },
      ]}
    />
  );
}

function SessionDetail({ session }: { session: LiveSession }) {
  const refreshing = useRefreshSession();
  const profile = useProfiles().data?.find((one) => one.id === session.id);
  return (
    <>
      <DetailHead
        title={session.profile}
        within={session.account}
        badges={<SessionBadge session={session} />}
        subtitle={
          <>
            <span className="mono min-w-0 break-all">{whoOf(session) ?? 'the user of the key'}</span>
            <Dot />
            <span>{kindWords(session.kind)}</span>
          </>
        }
        actions={<SessionActions session={session} refresh={refreshing} primary />}
      />
      {(refreshing.isError || session.failure !== undefined) && (
        <div className="flex max-w-192 flex-col px-6 pb-5">
          <SessionTrouble session={session} refresh={refreshing} />
        </div>
      )}
      <Section title="Session">
        <SessionFacts session={session} />
      </Section>
      <Section title="Where it comes from">
        {profile !== undefined && <ChainPicture profile={profile} />}
        <p>
          <RecordLink screen="profiles" id={session.id}>
            Profile {session.profile}
          </RecordLink>
        </p>
      </Section>
    </>
  );
}
