import { Cpu } from 'lucide-react';
import type { HsmStatus } from '../../../contract/hsm.ts';
import { asWireError } from '../../api/error.ts';
import { formatCount } from '../../lib/format.ts';
import { Badge } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { ErrorState, RowsSkeleton } from '../../ui/states.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { CertificatesPanel } from '../certificates/certificates-panel.tsx';
import { BackupsPanel } from './backups-panel.tsx';
import { CopiesPanel } from './copies-panel.tsx';
import { healthOf } from './health.ts';
import { useHsmStatus } from './hsm-queries.ts';
import { ObjectsPanel } from './objects-panel.tsx';
import { TokensPanel } from './tokens-panel.tsx';
import { UsersPanel } from './users/users-panel.tsx';

/** The keeper of all key bytes: its process, the copies of its store, its backups, what it holds, and tokens beside it. */
export function HsmScreen() {
  const query = useHsmStatus();
  if (query.isError && query.data === undefined) {
    return <ErrorState what="The HSM’s status" error={asWireError(query.error)} onRetry={() => void query.refetch()} />;
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-240 flex-col gap-5 px-6 pt-5 pb-8">
        <header className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <h1 className="text-display font-semibold">HSM</h1>
          {query.data !== undefined && <ProcessState process={query.data.process} />}
        </header>
        {query.data === undefined ? <RowsSkeleton rows={8} /> : <Panels status={query.data} />}
      </div>
    </div>
  );
}

function ProcessState({ process }: { process: HsmStatus['process'] }) {
  return (
    <p className="flex flex-wrap items-center gap-2 text-muted">
      <Badge tone={process.state === 'unlocked' ? 'good' : 'warn'} icon={<Cpu size={12} aria-hidden="true" />}>
        {process.state}
      </Badge>
      {process.pid !== null && <span>process {process.pid}, the only one that sees key bytes</span>}
    </p>
  );
}

function Panels({ status }: { status: HsmStatus }) {
  const health = healthOf(status);
  return (
    <>
      <Callout
        tone={health.tone === 'good' ? 'info' : health.tone === 'warn' ? 'warning' : 'error'}
        title={health.title}
      >
        {health.text}
      </Callout>
      {status.rebuilt !== null && (
        <Callout tone="warning" title="The vault was rebuilt from a copy">
          <p>
            {status.rebuilt.message} <RelativeTime instant={status.rebuilt.at} />, from{' '}
            <span className="mono break-all">{status.rebuilt.from}</span>, as of change{' '}
            {formatCount(status.rebuilt.generation)}.
          </p>
          {status.rebuilt.kept !== null && (
            <p>
              The file before is kept as <span className="mono break-all">{status.rebuilt.kept}</span>.
            </p>
          )}
        </Callout>
      )}
      <CopiesPanel copies={status.copies} />
      <BackupsPanel backups={status.backups} />
      {status.objects !== null && <ObjectsPanel objects={status.objects} />}
      {status.process.state === 'unlocked' && <CertificatesPanel />}
      {status.process.state === 'unlocked' && <UsersPanel />}
      <TokensPanel />
    </>
  );
}
