import type { Credential } from '../../../contract/credentials.ts';
import { useAccounts } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { Fact } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';

/** The maximum age of a credential among its facts, with the way to change it. */
export function CredentialAgeFact({ credential }: { credential: Credential }) {
  const account = useAccounts().data?.find((one) => one.name === credential.account);
  const days = credential.maxAgeDays ?? account?.maxAgeDays;
  return (
    <Fact name="Maximum age">
      {days === undefined ? 'none set' : plural(days, 'day')}
      <span className="text-muted">
        {days !== undefined && (credential.maxAgeDays === undefined ? 'set for its account' : 'its own')}
        {credential.dueAt !== undefined && (
          <>
            {', due '}
            <RelativeTime instant={credential.dueAt} />
          </>
        )}
      </span>
      <Button
        size="compact"
        variant="ghost"
        onPress={() => openDialog({ kind: 'rotation.maxAge', target: { kind: 'credential', credential } })}
      >
        Change…<span className="sr-only"> the maximum age</span>
      </Button>
    </Fact>
  );
}
