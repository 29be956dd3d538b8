import { CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import type { SlotInfo } from '../../../contract/schemas.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { factorWords } from '../security-keys/key-words.ts';
import { type Proved, type WayState, wayState } from './rekey-plan.ts';

const LOOKS = {
  stays: { tone: 'good', word: 'stays', Icon: CircleCheck },
  ends: { tone: 'bad', word: 'given up', Icon: CircleX },
  open: { tone: 'plain', word: 'not proved yet', Icon: CircleDashed },
} as const satisfies Record<WayState, unknown>;

/** The ways in, and what becomes of each; one that cannot be proved can be given up. */
export function WaysList({
  slots,
  proved,
  onDrop,
}: {
  slots: readonly SlotInfo[];
  proved: Proved;
  onDrop: (id: string, drop: boolean) => void;
}) {
  return (
    <ul aria-label="Ways in" className="flex flex-col divide-y divide-line rounded-control border border-line">
      {slots.map((slot) => {
        const state = wayState(slot, proved);
        const { tone, word, Icon } = LOOKS[state];
        return (
          <li key={slot.id} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
            <span className="flex min-w-40 flex-1 flex-col">
              <span className="truncate font-medium">{slot.label}</span>
              <span className="text-muted">{factorWords(slot)}</span>
            </span>
            <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
              {word}
            </Badge>
            {state !== 'stays' && (
              <Button
                size="compact"
                variant={state === 'open' ? 'danger-ghost' : 'ghost'}
                onPress={() => onDrop(slot.id, state === 'open')}
              >
                {state === 'open' ? 'Give up' : 'Keep after all'}
                <span className="sr-only"> {slot.label}</span>
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
