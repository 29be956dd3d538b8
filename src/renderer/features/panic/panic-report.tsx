import { RotateCw, Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { PanicReport } from '../../../contract/panic.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { PanicSteps } from './panic-steps.tsx';
import { hereSentence, reportSentence, tallyOf } from './panic-words.ts';
import { UndoPanicDialog } from './undo-panic-dialog.tsx';

/** What a panic did, what it could not do, and what a person has to do next. */
export function PanicReportView({ report }: { report: PanicReport }) {
  const resume = useChange('panic.resume', 'panic', 'keys');
  const close = useChange('panic.close', 'panic');
  const [undoing, setUndoing] = useState(false);
  const { left } = tallyOf(report);
  const isOpen = report.state === 'open';
  return (
    <section aria-label="Report" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 className="text-title font-semibold">
          {isOpen ? 'The glass was broken' : report.state === 'undone' ? 'Taken back' : 'The last time'}
        </h2>
        <RelativeTime instant={report.startedAt} className="text-muted" />
      </div>
      <Callout tone={!isOpen ? 'info' : left > 0 ? 'error' : 'warning'}>
        <p>{reportSentence(report)}</p>
        <p className="text-muted">
          {hereSentence(report)}
          {isOpen && ' Nothing is rotated by itself until this is taken back or put away.'}
        </p>
      </Callout>
      {report.next.length > 0 && (
        <div className="flex flex-col gap-2">
          <h3 className="font-semibold">What to do next</h3>
          <ol className="flex list-decimal flex-col gap-1 pl-5">
            {report.next.map((text) => (
              <li key={text} className="break-words">
                {text}
              </li>
            ))}
          </ol>
        </div>
      )}
      {report.steps.length > 0 && (
        <div className="flex flex-col gap-2">
          <h3 className="font-semibold">At AWS</h3>
          <PanicSteps steps={report.steps} />
        </div>
      )}
      {resume.isPending && <WorkBar label="Telling AWS once more…" />}
      {resume.isError && <ErrorCallout error={asWireError(resume.error)} />}
      {close.isError && <ErrorCallout error={asWireError(close.error)} />}
      {isOpen && (
        <div className="flex flex-wrap gap-2">
          {left > 0 && (
            <Button
              variant="primary"
              icon={<RotateCw size={16} aria-hidden="true" />}
              isDisabled={resume.isPending}
              onPress={() => resume.mutate({})}
            >
              Try again what is left
            </Button>
          )}
          <Button icon={<Undo2 size={16} aria-hidden="true" />} onPress={() => setUndoing(true)}>
            Take it back…
          </Button>
          <Button variant="ghost" isDisabled={close.isPending} onPress={() => close.mutate({})}>
            Put the report away
          </Button>
        </div>
      )}
      {undoing && <UndoPanicDialog onClose={() => setUndoing(false)} />}
    </section>
  );
}
