import { LockKeyholeOpen, TriangleAlert, Unplug } from 'lucide-react';
import type { Status } from '../../../contract/schemas.ts';
import { connectionStore } from '../../api/live.ts';
import { useStore } from '../../lib/store.ts';
import { useNow } from '../../lib/use-now.ts';
import { lockWords } from './status-words.ts';

/** Open or not, when it locks, and whether the front door is open. */
export function StatusLine({ status }: { status: Status }) {
  const now = useNow(10_000);
  const isDown = useStore(connectionStore) === 'down';
  const { text, exact } = lockWords(status, isDown, now);
  return (
    <>
      {isDown ? (
        <p className="flex items-center gap-2 font-medium text-warn-ink">
          <Unplug size={16} aria-hidden="true" />
          Not connected
        </p>
      ) : (
        <p className="flex items-center gap-2 font-medium">
          <LockKeyholeOpen size={16} aria-hidden="true" className="text-accent-ink" />
          Unlocked
        </p>
      )}
      <p className="truncate pl-6 text-muted" title={exact}>
        {text}
      </p>
      {isDown ? null : status.endpoint === null ? (
        <p className="flex items-center gap-2 pt-1 text-warn-ink" title={status.doorError}>
          <TriangleAlert size={16} aria-hidden="true" /> Door closed
        </p>
      ) : (
        <p className="mono truncate pt-1 pl-6 text-muted" title={`Tools sign at ${status.endpoint}`}>
          {status.endpoint.replace(/^https?:\/\//, '')}
        </p>
      )}
    </>
  );
}
