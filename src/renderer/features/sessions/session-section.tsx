import { asWireError } from '../../api/error.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Section } from '../../ui/facts.tsx';
import { RowsSkeleton } from '../../ui/states.tsx';
import { SessionActions, SessionFacts, SessionTrouble, useRefreshSession } from './session-panel.tsx';
import { type LiveSession, useSessions } from './session-queries.ts';
import { SessionBadge } from './session-state.tsx';

/** The temporary credentials of a profile, on its detail. */
export function SessionSection({ profileId }: { profileId: string }) {
  const query = useSessions();
  const session = query.data?.find((one) => one.id === profileId);
  if (query.isError && query.data === undefined) {
    return (
      <Section title="Session">
        <ErrorCallout
          error={asWireError(query.error)}
          actions={<Button onPress={() => void query.refetch()}>Try again</Button>}
        />
      </Section>
    );
  }
  if (session === undefined) {
    return query.data === undefined ? (
      <Section title="Session">
        <RowsSkeleton rows={2} height={32} />
      </Section>
    ) : null;
  }
  return (
    <Section title="Session">
      <SessionParts session={session} />
    </Section>
  );
}

function SessionParts({ session }: { session: LiveSession }) {
  const refresh = useRefreshSession();
  return (
    <>
      <SessionTrouble session={session} refresh={refresh} />
      <div className="flex flex-wrap items-center gap-2">
        <span className="mr-auto flex">
          <SessionBadge session={session} />
        </span>
        <SessionActions session={session} refresh={refresh} />
      </div>
      <SessionFacts session={session} />
    </>
  );
}
