import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import type { HsmStatus } from '../../../contract/hsm.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { notify } from '../../ui/toast-store.ts';
import { Panel } from './panel.tsx';

const SHOWN = 5;

export function BackupsPanel({ backups }: { backups: HsmStatus['backups'] }) {
  const queries = useQueryClient();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const [all, setAll] = useState(false);
  const { list, everyHours, keep, keepWeekly, nextAt, failure, folder } = backups;
  const often =
    everyHours === 0 ? 'Only when asked for' : everyHours === 24 ? 'Every day' : `Every ${everyHours} hours`;
  const make = async () => {
    setWorking(true);
    setError(null);
    try {
      const { backup } = await call('hsm.backup', {});
      notify({ message: `Backed up and verified: ${backup.path}`, lasting: true });
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      await queries.invalidateQueries({ queryKey: ['hsm'] });
      setWorking(false);
    }
  };
  return (
    <Panel
      title="Backups"
      note={list.length === 0 ? 'none yet' : plural(list.length, 'backup')}
      actions={
        <Button size="compact" isDisabled={working} onPress={() => void make()}>
          {working ? 'Backing up…' : 'Back up now'}
        </Button>
      }
    >
      <div className="flex flex-col gap-2 px-4 py-3">
        <p>
          {often}, in <span className="mono break-all">{folder}</span>
          <span className="text-muted">
            {' '}
            · the last {keep} and {keepWeekly} weekly ones are kept
            {nextAt !== null && (
              <>
                {' '}
                · next <RelativeTime instant={nextAt} />
              </>
            )}
          </span>
        </p>
        {failure !== null && (
          <Callout tone="warning" title="The last one could not be made">
            {failure}
          </Callout>
        )}
        {error !== null && <ErrorCallout error={error} />}
      </div>
      {list.length > 0 && (
        <ul>
          {list.slice(0, all ? undefined : SHOWN).map((backup) => (
            <li key={backup.path} className="flex min-h-9 items-center gap-3 border-t border-line px-4 py-1">
              <span className="mono min-w-0 flex-1 truncate" title={backup.path}>
                {backup.path.split(/[\\/]/).at(-1)}
              </span>
              <span className="shrink-0 text-muted max-wide:hidden">change {formatCount(backup.generation)}</span>
              <span className="w-20 shrink-0 text-right text-muted tabular-nums">{formatBytes(backup.sizeBytes)}</span>
              <span className="w-24 shrink-0 text-right text-muted">
                <RelativeTime instant={backup.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {list.length > SHOWN && !all && (
        <div className="border-t border-line px-2 py-1">
          <Button size="compact" variant="ghost" onPress={() => setAll(true)}>
            Show all {formatCount(list.length)}
          </Button>
        </div>
      )}
    </Panel>
  );
}
