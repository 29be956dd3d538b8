import { CircleCheck, CircleDashed, CircleHelp, CircleX, type LucideIcon, Undo2 } from 'lucide-react';
import type { PanicStep } from '../../../contract/panic.ts';
import { Badge } from '../../ui/badge.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { stepTitle, stepWord } from './panic-words.ts';

const LOOKS: Readonly<Record<PanicStep['state'], { tone: 'plain' | 'good' | 'warn' | 'bad'; Icon: LucideIcon }>> = {
  todo: { tone: 'plain', Icon: CircleDashed },
  asked: { tone: 'warn', Icon: CircleHelp },
  done: { tone: 'good', Icon: CircleCheck },
  failed: { tone: 'bad', Icon: CircleX },
  undoing: { tone: 'warn', Icon: CircleHelp },
  undone: { tone: 'plain', Icon: Undo2 },
};

/** What AWS was told, step by step. */
export function PanicSteps({ steps }: { steps: readonly PanicStep[] }) {
  return (
    <ul aria-label="At AWS" className="flex flex-col divide-y divide-line rounded-panel border border-line">
      {steps.map((step) => {
        const { tone, Icon } = LOOKS[step.state];
        return (
          <li key={`${step.act} ${step.target}`} className="flex flex-col gap-0.5 px-4 py-2">
            <span className="flex items-center gap-3">
              <span className="min-w-0 flex-1 truncate" title={step.target}>
                <span className="font-medium">{stepTitle(step)}</span>{' '}
                <span className="text-muted">{step.account}</span>
              </span>
              <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
                {stepWord(step)}
              </Badge>
            </span>
            {(step.message !== '' || step.at !== undefined) && (
              <span className="flex gap-3 text-muted">
                <span className="min-w-0 flex-1 break-words">{step.message}</span>
                {step.at !== undefined && <RelativeTime instant={step.at} className="shrink-0" />}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
