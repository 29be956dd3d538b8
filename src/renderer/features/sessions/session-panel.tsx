import { RefreshCw } from 'lucide-react';
import { asWireError } from '../../api/error.ts';
import { useChange, useProfiles } from '../../api/queries.ts';
import { shortKeyId } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { useSignIns } from '../sign-ins/sign-in-queries.ts';
import type { LiveSession } from './session-queries.ts';
import { Remaining } from './session-state.tsx';
import { kindWords, signInOf, stateAt, stateSentence } from './session-words.ts';

/** Asks AWS anew, and takes the session away from Keyhold. */
export function SessionActions({
  session,
  primary = false,
  refresh,
}: {
  session: LiveSession;
  primary?: boolean;
  refresh: ReturnType<typeof useRefreshSession>;
}) {
  const now = useNow(1000);
  const asking = refresh.isPending || session.refreshing;
  const state = stateAt(session, now);
  return (
    <>
      <Button
        variant={primary ? 'primary' : 'secondary'}
        icon={<RefreshCw size={16} aria-hidden="true" />}
        isDisabled={asking}
        onPress={() => refresh.mutate({ profile: session.profile })}
      >
        {asking ? 'Asking AWS…' : state === 'active' ? 'Refresh' : 'Get a session'}
      </Button>
      {session.expiresAt !== undefined && (
        <Button
          variant="danger-ghost"
          onPress={() => openDialog({ kind: 'session.revoke', profiles: [session.profile] })}
        >
          Revoke…
        </Button>
      )}
    </>
  );
}

export function useRefreshSession() {
  return useChange('session.refresh', 'sessions');
}

/** Why there is no session, or none newer, in AWS's own words; what this page asked for says so itself. */
export function SessionTrouble({
  session,
  refresh,
}: {
  session: LiveSession;
  refresh: ReturnType<typeof useRefreshSession>;
}) {
  const asked = refresh.isError ? asWireError(refresh.error) : undefined;
  const { failure } = session;
  const wantsPerson = [asked, failure].find((one) => one?.code === 'SignInRequired');
  if (wantsPerson !== undefined) return <SignInNeeded session={session} message={wantsPerson.message} />;
  if (asked !== undefined) return <ErrorCallout error={asked} title="There is no new session" />;
  if (failure === undefined) return null;
  return (
    <Callout tone="warning" title="AWS gave no new session">
      <p>{failure.message}</p>
      <p className="text-muted">
        Asked <RelativeTime instant={failure.at} />.{' '}
        {Date.parse(failure.retryAt) > Date.now() && (
          <>
            Requests ask again <RelativeTime instant={failure.retryAt} />; the button does at once.
          </>
        )}
      </p>
    </Callout>
  );
}

/** Asking again is no use: the way on is the sign-in that the chain begins with. */
function SignInNeeded({ session, message }: { session: LiveSession; message: string }) {
  const profiles = useProfiles().data;
  const signIns = useSignIns().data;
  const name = signInOf(session, profiles ?? []);
  const signIn = signIns?.find((one) => one.name === name);
  return (
    <Callout tone="warning" title="Sign in again">
      <p>{message}</p>
      <p className="flex">
        <RecordLink screen="sign-ins" id={signIn?.id ?? null}>
          {signIn === undefined ? 'Go to the sign-ins' : `Go to the sign-in ${signIn.name}`}
        </RecordLink>
      </p>
    </Callout>
  );
}

export function SessionFacts({ session }: { session: LiveSession }) {
  const now = useNow(1000);
  const state = stateAt(session, now);
  return (
    <Facts>
      <Fact name="Works as">
        {session.arn === undefined ? kindWords(session.kind) : <span className="mono break-all">{session.arn}</span>}
      </Fact>
      <Fact name={state === 'active' ? 'Time left' : 'Now'}>
        {state === 'active' ? <Remaining session={session} /> : <span>{stateSentence(state, session.kind)}</span>}
      </Fact>
      {session.obtainedAt !== undefined && (
        <Fact name="Given by AWS">
          <RelativeTime instant={session.obtainedAt} />
        </Fact>
      )}
      {session.expiresAt !== undefined && (
        <Fact name={state === 'active' ? 'Expires' : 'Expired'}>
          <RelativeTime instant={session.expiresAt} />
        </Fact>
      )}
      {state === 'active' && session.refreshAt !== undefined && (
        <Fact name="Refreshed">
          <RelativeTime instant={session.refreshAt} />
          <span className="text-muted">if the profile is in use then</span>
        </Fact>
      )}
      {session.accessKeyId !== undefined && (
        <Fact name="Access key id">
          <span className="mono" title={session.accessKeyId}>
            {shortKeyId(session.accessKeyId)}
          </span>
          <span className="text-muted">as CloudTrail has it</span>
        </Fact>
      )}
    </Facts>
  );
}
