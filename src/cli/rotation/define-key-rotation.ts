import { type Define, leaf, withExamples } from '../command.ts';
import { usageError } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { table } from '../table.ts';
import { relativeTime } from '../words.ts';
import { follow } from './follow.ts';
import { type RotateOptions, rotateKey } from './rotate-key.ts';
import { rotateMany } from './rotate-many.ts';
import { rotationText, stateWords } from './words.ts';

interface Which {
  due?: boolean;
  allOlderThan?: string;
}

/** `keyhold rotate KEY`, and what is done with a rotation that is under way. */
export const defineKeyRotation: Define = (command, cli) => {
  const key = command
    .command('key [name]', { isDefault: true })
    .description('give an access key or credential a successor, everywhere in the vault, and delete it after a while');
  key.copyInheritedSettings(command);
  withExamples(key, [
    'keyhold rotate deploy --plan          # only say what it would do',
    'keyhold rotate deploy                 # "key" may be left out',
    'keyhold rotate deploy --quarantine 7d',
    'keyhold rotate credential:git         # where a key is called git as well; key:git is the key',
    'keyhold rotate --all-older-than 90d --yes',
  ])
    .option('--due', 'every key and credential that is older than it may be (keyhold rotate max-age)')
    .option('--all-older-than <duration>', 'every active key that AWS made longer ago than this')
    .option(
      '--quarantine <duration>',
      'how long the old key is kept, switched off; 0 for not at all (default: as its schedule says, or 24h)',
    )
    .option('--mfa-serial <arn>', 'the user’s MFA device (default: the one of this vault that fits)')
    .option('--when-online', 'where AWS cannot be reached, keep it as planned, and ask once it can')
    .option('--plan', 'only say what would be done')
    .option('-y, --yes', 'do not ask before beginning')
    .action(async (name: string | undefined, options: RotateOptions & Which) => {
      const ways = [name, options.due, options.allOlderThan].filter((one) => one !== undefined);
      if (ways.length !== 1) {
        throw usageError(
          'Name the access key or credential to rotate, or give --due or --all-older-than 90d: one of them.',
        );
      }
      if (name === undefined && options.whenOnline === true) {
        throw usageError('--when-online is for one key; those that are due are begun once AWS can be reached.');
      }
      if (name === undefined) await rotateMany(cli, options.allOlderThan, options);
      else await rotateKey(cli, name, options);
    });

  leaf(command, 'max-age <days>', 'how old a key may become before it is due; none for no limit of its own', [
    'keyhold rotate max-age 90 --account prod   # all keys of the account',
    'keyhold rotate max-age 30 --key deploy',
    'keyhold rotate max-age 180 --credential git',
    'keyhold rotate max-age none --key deploy',
  ])
    .option('--key <name>', 'of this access key')
    .option('--credential <name>', 'of this credential (keyhold credential list)')
    .option('--account <name>', 'of the access keys and credentials of this account that have none of their own')
    .action(async (days: string, options: Partial<Record<'key' | 'credential' | 'account', string>>) => {
      const [target, ...others] = (['key', 'credential', 'account'] as const).flatMap((kind) => {
        const name = options[kind];
        return name === undefined ? [] : [{ kind, name }];
      });
      if (target === undefined || others.length > 0) {
        throw usageError('Say --key NAME, --credential NAME or --account NAME.');
      }
      if (days !== 'none' && !/^\d{1,4}d?$/.test(days)) throw usageError(`"${days}" is no number of days.`);
      const maxAgeDays = days === 'none' ? null : Number(days.replace('d', ''));
      const { name } = target;
      await cli.call('rotation.setMaxAge', { target, maxAgeDays });
      cli.print({ name, maxAgeDays }, () =>
        maxAgeDays === null ? `${name} has no maximum age of its own.\n` : `${name}: due after ${maxAgeDays} days.\n`,
      );
    });

  leaf(command, 'status [name]', 'say how far rotations are', [
    'keyhold rotate status',
    'keyhold rotate status deploy',
  ]).action(async (name: string | undefined) => {
    if (name !== undefined) {
      const rotation = await cli.call('rotation.get', { key: name });
      cli.print(rotation, () => rotationText(rotation, cli));
      return;
    }
    const { rotations } = await cli.call('rotation.list', {});
    cli.print({ rotations }, () =>
      rotations.length === 0
        ? 'Nothing has been rotated yet.\n'
        : table(
            [
              { title: 'Key' },
              { title: 'Account' },
              { title: 'State', fixed: true },
              { title: 'Old', fixed: true },
              { title: 'New', fixed: true },
              { title: 'Begun' },
            ],
            rotations.map((one) => [
              one.key,
              one.account,
              stateWords(one),
              one.oldAccessKeyId,
              one.newAccessKeyId ?? '',
              relativeTime(one.startedAt, cli.now()),
            ]),
            { width: cli.width, header: cli.paint.dim },
          ),
    );
  });

  leaf(command, 'resume <name>', 'go on with a rotation that waits', [
    'keyhold rotate resume deploy',
    'keyhold rotate resume deploy --confirm   # in spite of what “rotate status deploy” says',
  ])
    .option('--confirm', 'it has been looked at: go on all the same')
    .action((name: string, options: { confirm?: boolean }) =>
      withPrompts(cli, ['gate'], async () => {
        await cli.call(options.confirm === true ? 'rotation.confirm' : 'rotation.resume', { key: name });
        await follow(cli, name);
      }),
    );

  leaf(command, 'rollback <name>', 'take a rotation back: the old key is in use again, the new one is deleted', [
    'keyhold rotate rollback deploy',
  ]).action((name: string) =>
    withPrompts(cli, ['gate'], async () => {
      await cli.call('rotation.rollback', { key: name });
      await follow(cli, name);
    }),
  );
};
