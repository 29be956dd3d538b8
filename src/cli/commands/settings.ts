import { resolve } from 'node:path';
import type { Params } from '../../contract/methods.ts';
import type { Settings } from '../../contract/schemas.ts';
import { wholeNumber } from '../arguments.ts';
import { type Define, leaf } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { facts } from '../table.ts';

const NAMES = [
  'auto-lock',
  'port',
  'https',
  'backup-every',
  'backup-folder',
  'backup-keep',
  'backup-keep-weekly',
  'leave-process',
  'leave-container',
  'leave-console',
  'theme',
] as const;

export const define: Define = (command, cli) => {
  leaf(command, 'get', 'show the settings', ['keyhold settings get', 'keyhold settings get port'])
    .argument('[name]', NAMES.join(', '))
    .action(async (name: string | undefined) => {
      const settings = await cli.call('settings.get', {});
      const pairs = settingsPairs(settings);
      if (name === undefined) {
        cli.print(settings, () => facts(pairs));
        return;
      }
      const pair = pairs.find(([label]) => label === name);
      if (pair === undefined) throw usageError(`There is no setting "${name}". There are ${NAMES.join(', ')}.`);
      cli.print(settings, () => `${pair[1]}\n`);
    });

  leaf(command, 'set <name> <value>', 'change a setting', [
    'keyhold settings set auto-lock 30m',
    'keyhold settings set auto-lock never',
    'keyhold settings set port 4600',
    'keyhold settings set https on',
    'keyhold settings set backup-every 12h',
    'keyhold settings set backup-folder /mnt/nas/keyhold',
  ]).action(async (name: string, value: string) => {
    const settings = await cli.call('settings.update', parseSetting(name, value));
    cli.print(settings, () => facts(settingsPairs(settings)));
  });
};

function settingsPairs(settings: Settings): Array<readonly [string, string]> {
  return [
    ['auto-lock', settings.autoLockMinutes === 0 ? 'never' : `${settings.autoLockMinutes}m`],
    ['port', String(settings.port)],
    ['https', settings.https ? 'on' : 'off'],
    ['backup-every', settings.backupHours === 0 ? 'never' : `${settings.backupHours}h`],
    ['backup-folder', settings.backupFolder],
    ['backup-keep', String(settings.backupKeep)],
    ['backup-keep-weekly', String(settings.backupKeepWeekly)],
    ['leave-process', settings.leaveProcess ? 'on' : 'off'],
    ['leave-container', settings.leaveContainer ? 'on' : 'off'],
    ['leave-console', settings.leaveConsole ? 'on' : 'off'],
    ['theme', settings.theme],
  ];
}

function onOrOff(name: string, value: string): boolean {
  if (value !== 'on' && value !== 'off') throw usageError(`${name} is on or off.`);
  return value === 'on';
}

/** One `name value` pair as the contract takes it. Throws `InvalidInput`. */
export function parseSetting(name: string, value: string): Params<'settings.update'> {
  switch (name) {
    case 'auto-lock': {
      if (value === 'never' || value === '0') return { autoLockMinutes: 0 };
      const minutes = /^\d+$/.test(value) ? Number(value) : Math.ceil(parseDuration(value) / 60);
      if (minutes < 1 || minutes > 1440) throw usageError('auto-lock is never, or 1m to 24h.');
      return { autoLockMinutes: minutes };
    }
    case 'port':
      return { port: wholeNumber('port', 1, 65535)(value) };
    case 'https':
      return { https: onOrOff(name, value) };
    case 'leave-process':
      return { leaveProcess: onOrOff(name, value) };
    case 'leave-container':
      return { leaveContainer: onOrOff(name, value) };
    case 'leave-console':
      return { leaveConsole: onOrOff(name, value) };
    case 'backup-every': {
      if (value === 'never' || value === '0') return { backupHours: 0 };
      const hours = /^\d+$/.test(value) ? Number(value) : Math.ceil(parseDuration(value) / 3600);
      if (hours < 1 || hours > 8760) throw usageError('backup-every is never, or 1h to 365d.');
      return { backupHours: hours };
    }
    case 'backup-folder':
      return { backupFolder: resolve(value) };
    case 'backup-keep':
      return { backupKeep: wholeNumber('backup-keep', 1, 366)(value) };
    case 'backup-keep-weekly':
      return { backupKeepWeekly: wholeNumber('backup-keep-weekly', 0, 520)(value) };
    case 'theme':
      if (value !== 'system' && value !== 'light' && value !== 'dark')
        throw usageError('theme is system, light or dark.');
      return { theme: value };
    default:
      throw usageError(`There is no setting "${name}". There are ${NAMES.join(', ')}.`);
  }
}
