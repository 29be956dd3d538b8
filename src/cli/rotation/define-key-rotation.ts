import { type Define, leaf, withExamples } from '../command.ts';
import { usageError } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { table } from '../table.ts';
import { relativeTime } from '../words.ts';
import { follow } from './follow.ts';
import { type RotateOptions, rotateKey } from './rotate-key.ts';
import { rotateMany } from './rotate-many.ts';
import { rotationText, stateWords } from './words.ts';

/** `keyhold rotate KEY`, and what is done with a rotation that is under way. */
export const defineKeyRotation: Define = (command, cli) => {
  const key = command
    .command('key [name]', { isDefault: true })
    .description('give an access key a successor, everywhere in the vault, and delete it after a while');
  key.copyInheritedSettings(command);
  withExamples(key, [
    'keyhold rotate deploy --plan          # only say what it would do',
    'keyhold rotate deploy                 # "key" may be left out',
    'keyhold rotate deploy --quarantine 7d',
    'keyhold rotate --all-older-than 90d --yes',
  ])
    .option('--all-older-than <duration>', 'every active key that AWS made longer ago than this')
    .option('--quarantine <duration>', 'how long the old key is kept, switched off; 0 for not at all (default: 24h)')
    .option('--mfa-serial <arn>', 'the user’s MFA device (default: the one of this vault that fits)')
    .option('--plan', 'only say what would be done')
    .option('-y, --yes', 'do not ask before beginning')
    .action(async (name: string | undefined, options: RotateOptions & { allOlderThan?: string }) => {
      if (options.allOlderThan !== undefined) {
        if (name !== undefined) throw usageError('Name a key, or give --all-older-than, not both.');
        await rotateMany(cli, options.allOlderThan, options);
      } else if (name === undefined) {
        throw usageError('Name the access key to rotate, or give --all-older-than 90d.');
      } else {
        await rotateKey(cli, name, options);
      }
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
        ? 'No key has been rotated yet.\n'
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
