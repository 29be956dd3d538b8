import { quotedName } from '../../contract/quoted-name.ts';
import type { DueKey } from '../../contract/rotation-due.ts';
import type { RotationSchedule } from '../../contract/schedule.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { table } from '../table.ts';
import { count, relativeTime } from '../words.ts';
import { parseWindow, windowText } from './window.ts';
import { writeCalendarFile } from './write-calendar.ts';

interface ScheduleOptions {
  key?: string;
  account?: string;
  auto?: string;
  window?: string;
  quarantine?: string;
  clear?: boolean;
}

/** What is due and when, and what becomes of it without anybody. */
export const defineSchedule: Define = (command, cli) => {
  leaf(command, 'schedule', 'what becomes of keys that are due; without options, which are due and when', [
    'keyhold rotate schedule',
    'keyhold rotate schedule --account prod --auto rotate --window "tue 09:00-17:00"',
    'keyhold rotate schedule --key deploy --auto remind',
    'keyhold rotate schedule --key deploy --clear   # as its account says',
  ])
    .option('--key <name>', 'of this access key')
    .option('--account <name>', 'of the access keys of this account that have no schedule of their own')
    .option('--auto <what>', 'off, remind (once a day), or rotate (by itself, while the vault is unlocked)')
    .option('--window <window>', 'when it may rotate by itself, by this machine’s clock (default: at any time)')
    .option('--quarantine <duration>', 'how long the old key is kept, switched off (default: 24h)')
    .option('--clear', 'no schedule of its own')
    .action((options: ScheduleOptions) => schedule(cli, options));

  leaf(command, 'snooze <name> <duration>', 'leave a key that is due alone for a while; 0 ends that', [
    'keyhold rotate snooze deploy 7d',
    'keyhold rotate snooze deploy 0',
  ]).action(async (name: string, duration: string) => {
    const seconds = duration === '0' ? null : parseDuration(duration);
    await cli.call('rotation.snooze', { key: name, seconds });
    cli.print({ name, seconds }, () =>
      seconds === null
        ? `${name} is not put off any more.\n`
        : `Nothing is said or done about ${name} for ${duration}.\n`,
    );
  });

  leaf(command, 'calendar', 'when keys are due, as a calendar file (.ics)', [
    'keyhold rotate calendar --out keys.ics',
    'keyhold rotate calendar --with-ids',
  ])
    .option('-o, --out <file>', 'write it to this file (default: standard output)')
    .option('--with-ids', 'with the ids of the access keys')
    .action((options: { out?: string; withIds?: boolean }) => writeCalendarFile(cli, options));
};

async function schedule(cli: Cli, options: ScheduleOptions): Promise<void> {
  const { key, account, auto, window, quarantine, clear } = options;
  if ([key, account, auto, window, quarantine, clear].every((one) => one === undefined)) {
    const due = await cli.call('rotation.due', {});
    cli.print(due, () => dueText(cli, due.keys, due.timeZone));
    return;
  }
  if ((key === undefined) === (account === undefined)) throw usageError('Say --key NAME or --account NAME.');
  const name = key ?? account ?? '';
  const target = { kind: key === undefined ? ('account' as const) : ('key' as const), name };
  if (clear === true) {
    if (auto !== undefined || window !== undefined || quarantine !== undefined) {
      throw usageError('--clear goes without --auto, --window and --quarantine.');
    }
    await cli.call('rotation.schedule', { target, schedule: null });
    cli.print({ ...target, schedule: null }, () => `${name} has no schedule of its own.\n`);
    return;
  }
  if (auto !== 'off' && auto !== 'remind' && auto !== 'rotate') throw usageError('Say --auto off, remind or rotate.');
  if (auto !== 'rotate' && (window !== undefined || quarantine !== undefined)) {
    throw usageError('--window and --quarantine are for --auto rotate.');
  }
  const wanted: RotationSchedule = {
    auto,
    ...(window === undefined ? {} : { window: parseWindow(window) }),
    ...(quarantine === undefined ? {} : { quarantineSeconds: quarantine === '0' ? 0 : parseDuration(quarantine) }),
  };
  await cli.call('rotation.schedule', { target, schedule: wanted });
  cli.print({ ...target, schedule: wanted }, () => `${name}: ${scheduleWords(wanted)}\n`);
  if (auto !== 'off') await noteWithoutAge(cli, target);
}

/** A schedule says what becomes of what is due, and without a maximum age nothing ever is. */
async function noteWithoutAge(cli: Cli, { kind, name }: { kind: 'key' | 'account'; name: string }): Promise<void> {
  const { accounts } = await cli.call('account.list', {});
  const { keys } = await cli.call('key.list', {});
  const fold = (text: string): string => text.normalize('NFC').toLowerCase();
  const concerned = keys.filter((one) => fold(kind === 'key' ? one.name : one.account) === fold(name));
  const isAged = ({ account, maxAgeDays }: (typeof keys)[number]): boolean =>
    maxAgeDays !== undefined || accounts.find((one) => one.name === account)?.maxAgeDays !== undefined;
  if (concerned.some(isAged)) return;
  cli.note(
    `Nothing becomes due without a maximum age. Give it one: keyhold rotate max-age 90 --${kind} ${quotedName(name)}`,
  );
}

function scheduleWords({ auto, window }: RotationSchedule): string {
  if (auto === 'off') return 'nothing is said or done when it is due.';
  if (auto === 'remind') return 'you are told once a day when it is due.';
  const when = window === undefined ? 'at any time' : windowText(window);
  return `rotated by itself when it is due (${when}), while the vault is unlocked and AWS can be reached.`;
}

function dueText(cli: Cli, keys: readonly DueKey[], timeZone: string): string {
  if (keys.length === 0) {
    return 'No active key has a maximum age. Give one with: keyhold rotate max-age 90 --account NAME\n';
  }
  const due = keys.filter(({ state }) => state === 'due').length;
  return `${table(
    [
      { title: 'Key' },
      { title: 'Account' },
      { title: 'State', fixed: true },
      { title: 'Due', fixed: true },
      { title: 'What happens' },
    ],
    keys.map((one) => [
      one.adapter === undefined ? one.key : `credential:${one.key}`,
      one.account,
      STATES[one.state],
      relativeTime(one.dueAt, cli.now()),
      happens(cli, one),
    ]),
    { width: cli.width, header: cli.paint.dim },
  )}\n${count(due, 'key is', 'keys are')} due. Windows go by the clock of ${timeZone}.\n`;
}

const STATES: Readonly<Record<DueKey['state'], string>> = {
  due: 'due',
  soon: 'soon',
  later: 'later',
  snoozed: 'put off',
  underWay: 'under way',
};

function happens(cli: Cli, { auto, rotatesAt, needsPerson, snoozedUntil, state }: DueKey): string {
  if (state === 'underWay') return 'keyhold rotate status';
  if (needsPerson !== undefined) return needsPerson;
  if (rotatesAt !== undefined) return `rotated by itself ${relativeTime(rotatesAt, cli.now())}`;
  if (snoozedUntil !== undefined) return `nothing until ${snoozedUntil}`;
  return auto === 'remind' ? 'you are told once a day' : 'nothing';
}
