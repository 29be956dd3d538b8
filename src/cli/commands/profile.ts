import { type Define, leaf } from '../command.ts';
import { usageError } from '../errors.ts';
import { table } from '../table.ts';

const OUTPUTS = ['json', 'text', 'table', 'yaml', 'yaml-stream'] as const;
type Output = (typeof OUTPUTS)[number];

function outputFormat(text: string): Output {
  const found = OUTPUTS.find((format) => format === text);
  if (found === undefined) throw usageError(`"${text}" is no output format. Choose one of ${OUTPUTS.join(', ')}.`);
  return found;
}

interface AddOptions {
  account: string;
  key?: string;
  region?: string;
  output?: Output;
}

export const define: Define = (command, cli) => {
  leaf(command, 'add <name>', 'add a profile', [
    'keyhold profile add prod --account prod --key deploy --region eu-central-1',
    'keyhold profile add lab-us --account lab --region us-west-2',
  ])
    .requiredOption('--account <name>', 'the account')
    .option('--key <name>', 'the access key that signs (not for a local account)')
    .option('--region <region>', 'the default region (default: us-east-1)')
    .option('--output <format>', 'the AWS CLI’s output format', outputFormat)
    .action(async (name: string, options: AddOptions) => {
      const profile = await cli.call('profile.add', {
        name,
        account: options.account,
        ...(options.key === undefined ? {} : { key: options.key }),
        ...(options.region === undefined ? {} : { region: options.region }),
        ...(options.output === undefined ? {} : { output: options.output }),
      });
      cli.print(
        profile,
        () => `Profile ${profile.name} added. Try: keyhold exec ${profile.name} -- aws sts get-caller-identity\n`,
      );
    });

  leaf(command, 'list', 'list profiles', ['keyhold profile list', 'keyhold profile list --json']).action(async () => {
    const { profiles } = await cli.call('profile.list', {});
    cli.print({ profiles }, () =>
      profiles.length === 0
        ? 'No profiles yet. Add one with keyhold profile add, or keyhold import aws.\n'
        : table(
            [
              { title: 'Name' },
              { title: 'Account' },
              { title: 'Account id', fixed: true },
              { title: 'Key' },
              { title: 'Region', fixed: true },
              { title: 'Output' },
              { title: 'Clients', align: 'right' },
            ],
            profiles.map((one) => [
              one.name,
              one.account,
              one.accountId,
              one.key ?? 'local',
              one.region,
              one.output ?? '',
              String(one.clients),
            ]),
            { width: cli.width, header: cli.paint.dim },
          ),
    );
  });

  leaf(command, 'remove <name>', 'remove a profile', [
    'keyhold profile remove old',
    'keyhold profile remove old --cascade',
  ])
    .option('--cascade', 'also remove its clients')
    .action(async (name: string, options: { cascade?: boolean }) => {
      await cli.call('profile.remove', { name, ...(options.cascade === true ? { cascade: true } : {}) });
      cli.print({ removed: name }, () => `Profile ${name} removed.\n`);
    });
};
