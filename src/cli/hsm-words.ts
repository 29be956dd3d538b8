import type { HsmStatus, VaultCopy } from '../contract/hsm.ts';
import type { Cli } from './cli.ts';
import { facts, table } from './table.ts';
import { count, fileSize, relativeTime } from './words.ts';

const STATES: Readonly<Record<VaultCopy['state'], string>> = {
  'in-step': 'in step',
  'catching-up': 'being written',
  behind: 'behind',
  opening: 'being opened',
  'out-of-reach': 'out of reach',
  conflict: 'in conflict',
  damaged: 'does not verify',
};

/** `keyhold hsm status` for people. */
export function hsmStatusText(status: HsmStatus, cli: Cli): string {
  const { process, objects, copies, rebuilt, backups } = status;
  const pairs: Array<readonly [string, string]> = [
    ['Key process', process.pid === null ? process.state : `${process.state}, process ${process.pid}`],
    ['Objects', objects === null ? 'not known while locked' : objectsText(objects)],
  ];
  if (rebuilt !== null) pairs.push(['Rebuilt', `${relativeTime(rebuilt.at, cli.now())}: ${rebuilt.message}`]);
  return `${facts(pairs)}\n${copiesText(copies, cli)}\n${backupsText(backups, cli)}`;
}

function objectsText({ total, byKind }: NonNullable<HsmStatus['objects']>): string {
  const kinds = byKind.map((kind) => `${kind.count} ${kind.spec}`);
  return total === 0 ? 'none' : `${total}: ${kinds.join(', ')}`;
}

function copiesText(copies: readonly VaultCopy[], cli: Cli): string {
  const ago = (time: string | null): string => (time === null ? 'never' : relativeTime(time, cli.now()));
  const text = table(
    [
      { title: 'Copy' },
      { title: 'State', fixed: true },
      { title: 'Generation', align: 'right', fixed: true },
      { title: 'Seen', fixed: true },
      { title: 'Remarks' },
    ],
    copies.map((copy) => [
      copy.path,
      STATES[copy.state],
      copy.generation === null ? '' : String(copy.generation),
      ago(copy.lastSeen),
      remarks(copy, cli),
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
  if (copies.length > 1) return text;
  return `${text}There is no further copy. Make one on another disk with "keyhold hsm mirror add PATH".\n`;
}

function remarks(copy: VaultCopy, cli: Cli): string {
  const said: string[] = [];
  if (copy.reason !== null) said.push(copy.reason);
  if (copy.retryAt !== null) said.push(`tried again ${relativeTime(copy.retryAt, cli.now())}`);
  if (copy.role === 'mirror' && !copy.apart) said.push('on the vault’s own disk');
  return said.join('; ');
}

function backupsText(
  { folder, everyHours, keep, keepWeekly, list, nextAt, failure }: HsmStatus['backups'],
  cli: Cli,
): string {
  const often = everyHours === 0 ? 'only on request' : everyHours === 24 ? 'daily' : `every ${everyHours} h`;
  const pairs: Array<readonly [string, string]> = [
    ['Backups', `${often} in ${folder}; the last ${keep} and ${keepWeekly} weekly ones are kept`],
  ];
  const newest = list[0];
  const total = list.reduce((sum, backup) => sum + backup.sizeBytes, 0);
  pairs.push([
    'Newest',
    newest === undefined
      ? failure === null
        ? 'none yet'
        : 'none found'
      : `${relativeTime(newest.createdAt, cli.now())}, generation ${newest.generation}: ${newest.path} (${count(list.length, 'backup')}, ${fileSize(total)})`,
  ]);
  if (nextAt !== null) pairs.push(['Next', Date.parse(nextAt) <= cli.now() ? 'due' : relativeTime(nextAt, cli.now())]);
  if (failure !== null) pairs.push(['Failed', failure]);
  return facts(pairs);
}
