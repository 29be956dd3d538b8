import { CircleCheck, CircleX, Clock, Hourglass, type LucideIcon, RotateCw, TriangleAlert, Undo2 } from 'lucide-react';
import { Badge } from '../../ui/badge.tsx';
import { cx } from '../../ui/cx.ts';
import { lookWord, type RotationLook } from './rotation-words.ts';

const LOOKS: Readonly<Record<RotationLook, { tone: 'plain' | 'good' | 'warn' | 'bad'; Icon: LucideIcon }>> = {
  due: { tone: 'warn', Icon: TriangleAlert },
  planned: { tone: 'plain', Icon: Clock },
  running: { tone: 'good', Icon: RotateCw },
  retrying: { tone: 'plain', Icon: Clock },
  waiting: { tone: 'warn', Icon: TriangleAlert },
  quarantine: { tone: 'plain', Icon: Hourglass },
  done: { tone: 'good', Icon: CircleCheck },
  rolledBack: { tone: 'plain', Icon: Undo2 },
  refused: { tone: 'bad', Icon: CircleX },
};

export function RotationBadge({ look }: { look: RotationLook }) {
  const { tone, Icon } = LOOKS[look];
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
      {lookWord(look)}
    </Badge>
  );
}

const INKS = { plain: 'text-muted', good: 'text-accent-ink', warn: 'text-warn-ink', bad: 'text-danger-ink' } as const;

/** The same for a row, without a frame. */
export function RotationMark({ look }: { look: RotationLook }) {
  const { tone, Icon } = LOOKS[look];
  return (
    <span className={cx('flex shrink-0 items-center gap-1', tone === 'warn' && 'font-medium', INKS[tone])}>
      <Icon size={12} aria-hidden="true" />
      {lookWord(look)}
    </span>
  );
}
