import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import type { CheckReport as Report } from '../../../contract/schemas.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { Fact, Facts } from '../../ui/facts.tsx';

/** What a check of a vault file found. */
export function CheckReport({ report, subject }: { report: Report; subject: string }) {
  const errors = report.findings.filter((finding) => finding.severity === 'error').length;
  return (
    <div role="status" className="flex flex-col gap-4">
      <p className="flex gap-2.5">
        {report.ok ? (
          <CircleCheck size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-accent-ink" />
        ) : (
          <CircleX size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-danger-ink" />
        )}
        <span className="font-semibold">
          {report.ok ? `${subject} is whole` : `${subject} is damaged: ${plural(errors, 'error')}`}
        </span>
      </p>
      {report.findings.length > 0 && (
        <ul className="flex max-h-60 flex-col overflow-y-auto rounded-control border border-line">
          {report.findings.map((finding) => (
            <li
              key={`${finding.where} ${finding.what} ${finding.message}`}
              className="flex gap-2.5 border-t border-line px-3 py-2 first:border-t-0"
            >
              {finding.severity === 'error' ? (
                <CircleX size={16} aria-label="Error" className="mt-0.5 shrink-0 text-danger-ink" />
              ) : (
                <TriangleAlert size={16} aria-label="Warning" className="mt-0.5 shrink-0 text-warn-ink" />
              )}
              <span className="min-w-0 break-words">
                <span className="font-medium">
                  {finding.where}: {finding.what}
                </span>
                <br />
                <span className="text-muted">{finding.message}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      <Facts>
        <Fact name="Records">{formatCount(report.records)}</Fact>
        <Fact name="Log entries">{formatCount(report.auditEntries)}</Fact>
        <Fact name="Ways in">{formatCount(report.slots)}</Fact>
        <Fact name="Size">{formatBytes(report.sizeBytes)}</Fact>
        <Fact name="Vault id">
          <span className="mono break-all text-muted">{report.vaultId}</span>
        </Fact>
      </Facts>
    </div>
  );
}
