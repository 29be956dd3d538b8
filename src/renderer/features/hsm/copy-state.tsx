import { CircleCheck, CircleX, Hourglass, type LucideIcon, RefreshCw, TriangleAlert, Unplug } from 'lucide-react';
import type { VaultCopy } from '../../../contract/hsm.ts';
import { Badge } from '../../ui/badge.tsx';

const LOOKS: Readonly<
  Record<VaultCopy['state'], { words: string; tone: 'plain' | 'good' | 'warn' | 'bad'; Icon: LucideIcon }>
> = {
  'in-step': { words: 'in step', tone: 'good', Icon: CircleCheck },
  'catching-up': { words: 'being written', tone: 'plain', Icon: RefreshCw },
  behind: { words: 'behind', tone: 'warn', Icon: TriangleAlert },
  opening: { words: 'being opened', tone: 'plain', Icon: Hourglass },
  'out-of-reach': { words: 'out of reach', tone: 'warn', Icon: Unplug },
  conflict: { words: 'in conflict', tone: 'bad', Icon: CircleX },
  damaged: { words: 'does not verify', tone: 'bad', Icon: CircleX },
};

export function CopyState({ state }: { state: VaultCopy['state'] }) {
  const { words, tone, Icon } = LOOKS[state];
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
      {words}
    </Badge>
  );
}
