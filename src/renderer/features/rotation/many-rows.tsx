import { CircleCheck, CircleX, Clock, type LucideIcon } from 'lucide-react';
import type { Rotation } from '../../../contract/rotation.ts';
import type { AccessKey } from '../../../contract/schemas.ts';
import { formatAge } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/badge.tsx';
import { keyBirth } from '../keys/key-facts.ts';
import type { ManyRow } from './rotate-many.ts';
import { RotationBadge } from './rotation-badge.tsx';
import { lookOf, messageOf, quarantineWords } from './rotation-words.ts';

const LOOKS: Readonly<
  Record<ManyRow['state'], { word: string; tone: 'plain' | 'good' | 'warn' | 'bad'; Icon: LucideIcon }>
> = {
  chosen: { word: 'to be asked', tone: 'plain', Icon: Clock },
  planning: { word: 'asking AWS', tone: 'plain', Icon: Clock },
  ready: { word: 'can be rotated', tone: 'good', Icon: CircleCheck },
  blocked: { word: 'not now', tone: 'bad', Icon: CircleX },
  starting: { word: 'starting', tone: 'plain', Icon: Clock },
  begun: { word: 'begun', tone: 'good', Icon: CircleCheck },
  failed: { word: 'failed', tone: 'bad', Icon: CircleX },
};

/** What a rotation would do to each key, or what became of it. */
export function ManyRows({
  rows,
  keys,
  rotations,
  quarantineSeconds,
}: {
  rows: readonly ManyRow[];
  keys: readonly AccessKey[];
  rotations: readonly Rotation[];
  quarantineSeconds: number;
}) {
  const now = useNow();
  return (
    <ul aria-label="Keys to rotate" className="flex flex-col divide-y divide-line rounded-control border border-line">
      {rows.map((row) => {
        const key = keys.find(({ name }) => name === row.key);
        // What it is at now: a rotation goes on while the dialog is open.
        const rotation =
          row.rotation === undefined
            ? undefined
            : (rotations.find(({ id }) => id === row.rotation?.id) ?? row.rotation);
        return (
          <li key={row.key} className="flex flex-col gap-0.5 px-3 py-2">
            <span className="flex items-center gap-3">
              <span className="min-w-0 flex-1 truncate">
                <span className="font-medium">{row.key}</span>{' '}
                <span className="text-muted">
                  {key === undefined ? '' : `${key.account}, ${formatAge(keyBirth(key), now)} old`}
                </span>
              </span>
              {rotation === undefined ? <State state={row.state} /> : <RotationBadge look={lookOf(rotation)} />}
            </span>
            {sentencesOf(row, quarantineSeconds).map((text) => (
              <span key={text} className={row.state === 'ready' ? 'break-words text-muted' : 'break-words'}>
                {text}
              </span>
            ))}
            {rotation !== undefined && <span className="break-words text-muted">{messageOf(rotation, now)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function State({ state }: { state: ManyRow['state'] }) {
  const { word, tone, Icon } = LOOKS[state];
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
      {word}
    </Badge>
  );
}

function sentencesOf({ state, plan, error }: ManyRow, quarantineSeconds: number): string[] {
  if (error !== undefined) return [error.message];
  if (plan === undefined || state === 'begun') return [];
  const blockers = plan.blockers.map(({ message }) => message);
  if (state === 'blocked') return blockers;
  const user = plan.user === undefined ? '' : `User ${plan.user}. `;
  const kept =
    quarantineSeconds === 0
      ? 'the old key is deleted once nobody uses it'
      : `the old key is kept, deactivated, for ${quarantineWords(quarantineSeconds)}`;
  return [`${user}A new key takes over; ${kept}.`, ...blockers, ...plan.notes];
}
