import type { AccessKey } from '../../../contract/schemas.ts';
import { useAccounts } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Fact } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { maxAgeFrom, maxAgeOf, maxAgeWords } from './max-age.ts';

/** The maximum age of a key among its facts, with the way to change it. */
export function MaxAgeFact({ keyRecord: key }: { keyRecord: AccessKey }) {
  const account = useAccounts().data?.find((one) => one.name === key.account);
  const age = maxAgeOf(key, account);
  return (
    <Fact name="Maximum age">
      {maxAgeWords(age)}
      <span className="text-muted">
        {maxAgeFrom(age)}
        {key.dueAt !== undefined && (
          <>
            {', due '}
            <RelativeTime instant={key.dueAt} />
          </>
        )}
      </span>
      <Button
        size="compact"
        variant="ghost"
        onPress={() => openDialog({ kind: 'rotation.maxAge', target: { kind: 'key', key } })}
      >
        Change…<span className="sr-only"> the maximum age</span>
      </Button>
    </Fact>
  );
}
