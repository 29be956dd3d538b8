import { CircleCheck, CircleX, Clock, type LucideIcon } from 'lucide-react';
import type { Rotation } from '../../../contract/rotation.ts';
import { formatAge } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/badge.tsx';
import { isOfKey } from './board.ts';
import type { ManyThing } from './many-things.ts';
import { isForLater, type ManyRow } from './rotate-many.ts';
import { RotationBadge } from './rotation-badge.tsx';
import { lookOf, messageOf, quarantineWords } from './rotation-words.ts';

interface Look {
  word: string;
  tone: 'plain' | 'good' | 'warn' | 'bad';
  Icon: LucideIcon;
}

const LATER: Look = { word: 'once AWS can be reached', tone: 'warn', Icon: Clock };
const LOOKS: Readonly<Record<ManyRow['state'], Look>> = {
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
  things,
  rotations,
}: {
  rows: readonly ManyRow[];
  things: readonly ManyThing[];
  rotations: readonly Rotation[];
}) {
  const now = useNow();
  return (
    <ul aria-label="What to rotate" className="flex flex-col divide-y divide-line rounded-control border border-line">
      {rows.map((row) => {
        const thing = things.find(({ called }) => called === row.key);
        // What it is at now: a rotation goes on while the dialog is open.
        const rotation =
          row.state === 'begun'
            ? rotations.find((one) => isOfKey(one) === (thing?.isKey !== false) && one.key === thing?.name)
            : undefined;
        return (
          <li key={row.key} className="flex flex-col gap-0.5 px-3 py-2">
            <span className="flex items-center gap-3">
              <span className="min-w-0 flex-1 truncate">
                <span className="font-medium">{thing?.name ?? row.key}</span>{' '}
                <span className="text-muted">
                  {thing === undefined ? '' : `${thing.account}, ${formatAge(thing.birth, now)} old`}
                </span>
              </span>
              {rotation === undefined ? <State row={row} /> : <RotationBadge look={lookOf(rotation)} />}
            </span>
            {sentencesOf(row, thing).map((text) => (
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

function State({ row }: { row: ManyRow }) {
  const { word, tone, Icon } = isForLater(row) ? LATER : LOOKS[row.state];
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
      {word}
    </Badge>
  );
}

function sentencesOf({ state, plan, error }: ManyRow, thing: ManyThing | undefined): string[] {
  if (error !== undefined) return [error.message];
  if (plan === undefined || state === 'begun') return [];
  const blockers = plan.blockers.map(({ message }) => message);
  if (state === 'blocked') return blockers;
  const user = plan.user === undefined ? '' : `User ${plan.user}. `;
  const kept =
    plan.quarantineSeconds === 0
      ? 'the old one is deleted once nobody uses it'
      : `the old one is kept, deactivated, for ${quarantineWords(plan.quarantineSeconds)}`;
  const takes = thing?.isKey === false ? 'A new one is made, and you give it to the tools' : 'A new key takes over';
  return [`${user}${takes}; ${kept}.`, ...blockers, ...plan.notes];
}
