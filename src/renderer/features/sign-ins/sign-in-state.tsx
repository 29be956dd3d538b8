import { CircleCheck, CircleDashed, Hourglass, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { SignIn } from '../../../contract/sign-ins.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/badge.tsx';
import { cx } from '../../ui/cx.ts';
import { type SignInState, stateAt, stateWord } from './sign-in-words.ts';

const LOOKS: Readonly<Record<SignInState, { tone: 'plain' | 'good' | 'warn'; Icon: LucideIcon }>> = {
  none: { tone: 'plain', Icon: CircleDashed },
  pending: { tone: 'plain', Icon: Hourglass },
  active: { tone: 'good', Icon: CircleCheck },
  expired: { tone: 'warn', Icon: TriangleAlert },
  used: { tone: 'plain', Icon: CircleCheck },
};

export function SignInBadge({ signIn }: { signIn: SignIn }) {
  const state = stateAt(signIn, useNow());
  const { tone, Icon } = LOOKS[state];
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
      {stateWord(state)}
    </Badge>
  );
}

const INKS = { plain: 'text-muted', good: 'text-accent-ink', warn: 'font-medium text-warn-ink' } as const;

/** The same for a row, without a frame. */
export function SignInMark({ signIn }: { signIn: SignIn }) {
  const state = stateAt(signIn, useNow());
  const { tone, Icon } = LOOKS[state];
  return (
    <span className={cx('flex shrink-0 items-center gap-1', INKS[tone])}>
      <Icon size={12} aria-hidden="true" />
      {stateWord(state)}
    </span>
  );
}
