import { asWireError } from '../../api/error.ts';
import { ErrorState, RowsSkeleton } from '../../ui/states.tsx';
import { BreakGlass } from './break-glass.tsx';
import { usePanicReport } from './panic-queries.ts';
import { PanicReportView } from './panic-report.tsx';

/** For the day when a key is in wrong hands: calm, deliberate, and with a report of what was done. */
export function PanicScreen() {
  const query = usePanicReport();
  const report = query.data;
  if (query.isError && report === undefined) {
    return <ErrorState what="The report" error={asWireError(query.error)} onRetry={() => void query.refetch()} />;
  }
  if (report === undefined) return <RowsSkeleton rows={6} />;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-180 flex-col gap-6 px-6 pt-5 pb-10">
        <header className="flex flex-col gap-1">
          <h1 className="text-display font-semibold">Break glass</h1>
          <p className="text-muted">
            For when a key, a laptop or a session may be in wrong hands. It switches access keys off, here and at AWS,
            refuses their older sessions, and locks.
          </p>
        </header>
        {report !== null && <PanicReportView report={report} />}
        {report?.state !== 'open' && <BreakGlass />}
      </div>
    </div>
  );
}
