import { KeyholdError } from '../../contract/errors.ts';
import type { Origin } from '../../contract/origins.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Role } from '../../contract/roles.ts';
import type { Profile } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { usageError } from '../errors.ts';
import { addLeaveOptions, type LeaveOptions, leaveParams } from '../profile/leave-options.ts';
import { originParams } from '../profile/origin-params.ts';
import { chainWords, profileLines } from '../profile/profile-words.ts';
import { addSessionOptions, roleOf, type SessionOptions } from '../profile/role-options.ts';
import { table } from '../table.ts';

const OUTPUTS = ['json', 'text', 'table', 'yaml', 'yaml-stream'] as const;
type Output = (typeof OUTPUTS)[number];

function outputFormat(text: string): Output {
  const found = OUTPUTS.find((format) => format === text);
  if (found === undefined) throw usageError(`"${text}" is no output format. Choose one of ${OUTPUTS.join(', ')}.`);
  return found;
}

interface AddOptions extends SessionOptions, LeaveOptions {
  account: string;
  region?: string;
  output?: Output;
}

interface EditOptions extends SessionOptions, LeaveOptions {
  role?: false | true;
  rename?: string;
  region?: string;
  output?: Output;
}

export const define: Define = (command, cli) => {
  const add = leaf(command, 'add <name>', 'add a profile', [
    'keyhold profile add prod --account prod --key deploy --region eu-central-1',
    'keyhold profile add lab-us --account lab --region us-west-2',
    'keyhold profile add hub --account hub --key alice --mfa-serial arn:aws:iam::111111111111:mfa/alice --duration 12h',
    'keyhold profile add ci --account prod --role-arn arn:aws:iam::222222222222:role/ci --web-identity-token-file /run/token',
    'keyhold profile add deploy --account prod --source-profile hub --role-arn arn:aws:iam::222222222222:role/deploy',
  ]);
  addLeaveOptions(addSessionOptions(add.requiredOption('--account <name>', 'the account')))
    .option('--region <region>', 'the default region (default: us-east-1)')
    .option('--output <format>', 'the AWS CLI’s output format', outputFormat)
    .action(async (name: string, options: AddOptions) => {
      const profile = await cli.call('profile.add', {
        name,
        account: options.account,
        ...sessionParams(options),
        ...leaveParams(options),
        ...(typeof options.mfaSerial === 'string' ? { mfaSerial: options.mfaSerial } : {}),
        ...(options.region === undefined ? {} : { region: options.region }),
        ...(options.output === undefined ? {} : { output: options.output }),
      });
      cli.print(
        profile,
        () =>
          `Profile ${profile.name} added. Try: keyhold exec ${quotedName(profile.name)} -- aws sts get-caller-identity\n`,
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
              { title: 'Credentials' },
              { title: 'Role' },
              { title: 'Region', fixed: true },
              { title: 'Output' },
              { title: 'Clients', align: 'right' },
            ],
            profiles.map((one) => [
              one.name,
              one.account,
              one.accountId,
              chainWords(one, profiles),
              one.role?.arn.replace(/^.*:role\//, '') ?? '',
              one.region,
              one.output ?? '',
              String(one.clients),
            ]),
            { width: cli.width, header: cli.paint.dim },
          ),
    );
  });

  leaf(command, 'show <name>', 'say what a profile works with, and for how long', [
    'keyhold profile show deploy',
  ]).action(async (name: string) => {
    const { profile, all } = await find(cli, name);
    cli.print(profile, () => profileLines(profile, all));
  });

  const edit = leaf(command, 'edit <name>', 'change a profile', [
    'keyhold profile edit deploy --duration 4h',
    'keyhold profile edit hub --no-mfa-serial',
  ]);
  addLeaveOptions(addSessionOptions(edit))
    .option('--no-mfa-serial', 'it needs no code any more')
    .option('--no-role', 'it assumes no role any more')
    .option('--rename <name>', 'what it is called from now on')
    .option('--region <region>', 'the default region')
    .option('--output <format>', 'the AWS CLI’s output format', outputFormat)
    .action(async (name: string, options: EditOptions) => {
      const { profile: before } = await find(cli, name);
      const profile = await cli.call('profile.update', {
        name,
        ...(options.role === false ? { role: null } : {}),
        ...sessionParams(options, options.role === false ? undefined : before.role, before.origin),
        ...leaveParams(options),
        ...(options.mfaSerial === undefined
          ? {}
          : { mfaSerial: options.mfaSerial === false ? null : options.mfaSerial }),
        ...(options.rename === undefined ? {} : { rename: options.rename }),
        ...(options.region === undefined ? {} : { region: options.region }),
        ...(options.output === undefined ? {} : { output: options.output }),
      });
      cli.print(profile, () => `Profile ${profile.name} is changed.\n`);
    });

  leaf(command, 'remove <name>', 'remove a profile', [
    'keyhold profile remove old',
    'keyhold profile remove old --cascade',
  ])
    .option('--cascade', 'also remove its clients, and the profiles whose source it is')
    .action(async (name: string, options: { cascade?: boolean }) => {
      await cli.call('profile.remove', { name, ...(options.cascade === true ? { cascade: true } : {}) });
      cli.print({ removed: name }, () => `Profile ${name} removed.\n`);
    });
};

/** The options as `profile.add` and `profile.update` take them. */
function sessionParams(
  options: SessionOptions,
  before?: Role,
  originBefore?: Origin,
): {
  key?: string;
  source?: string;
  origin?: Origin;
  role?: Role;
  sessionSeconds?: number;
} {
  const role = roleOf(options, before);
  const alone = options.duration !== undefined && role === undefined ? { sessionSeconds: options.duration } : {};
  return {
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.sourceProfile === undefined ? {} : { source: options.sourceProfile }),
    ...originParams(options, originBefore),
    ...(role === undefined ? {} : { role }),
    ...alone,
  };
}

async function find(cli: Cli, name: string): Promise<{ profile: Profile; all: readonly Profile[] }> {
  const { profiles } = await cli.call('profile.list', {});
  const folded = name.normalize('NFC').toLowerCase();
  const profile = profiles.find((one) => one.name.normalize('NFC').toLowerCase() === folded);
  if (profile === undefined)
    throw new KeyholdError('NotFound', `There is no profile called ${name}. See keyhold profile list.`);
  return { profile, all: profiles };
}
