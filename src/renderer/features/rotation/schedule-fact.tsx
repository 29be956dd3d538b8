import type { AccessKey } from '../../../contract/schemas.ts';
import { useAccounts } from '../../api/queries.ts';
import { formatDate } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { Fact } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { isSnoozed } from './board.ts';
import { useDue } from './due-queries.ts';
import { scheduleOf, scheduleWords } from './schedule-words.ts';
import { SnoozeMenu } from './snooze-menu.tsx';

/** What becomes of a key once it is due, among its facts. */
export function ScheduleFact({ keyRecord: key }: { keyRecord: AccessKey }) {
  const account = useAccounts().data?.find((one) => one.name === key.account);
  const due = useDue().data?.keys.find((one) => one.adapter === undefined && one.key === key.name);
  const { schedule, from } = scheduleOf(key, account);
  const now = useNow();
  return (
    <Fact name="When due">
      {scheduleWords(schedule)}
      {from === 'account' && <span className="text-muted">set for its account</span>}
      {due?.rotatesAt !== undefined && (
        <span className="text-muted">
          next <RelativeTime instant={due.rotatesAt} />
        </span>
      )}
      <Button
        size="compact"
        variant="ghost"
        onPress={() => openDialog({ kind: 'rotation.schedule', target: { kind: 'key', key } })}
      >
        Change…<span className="sr-only"> what happens when it is due</span>
      </Button>
      {key.snoozedUntil !== undefined && isSnoozed(key, now) && (
        <span className="flex w-full flex-wrap items-center gap-2">
          <span className="text-muted">
            Left alone until {formatDate(key.snoozedUntil)}, <RelativeTime instant={key.snoozedUntil} />
          </span>
          <SnoozeMenu keyRecord={key} />
        </span>
      )}
      {due?.needsPerson !== undefined && <span className="w-full text-warn-ink">{due.needsPerson}</span>}
    </Fact>
  );
}
