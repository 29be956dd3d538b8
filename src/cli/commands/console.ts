import { ConsoleBrowser } from '../../contract/console.ts';
import type { Params, Result } from '../../contract/methods.ts';
import { type Define, leaf, withExamples } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';

interface LaunchOptions {
  print?: boolean;
  browser?: ConsoleBrowser;
  container?: string;
}

interface OpenOptions extends LaunchOptions {
  service?: string;
  region?: string;
  duration?: number;
}

export const define: Define = (command, cli) => {
  const open = command
    .command('open <profile>', { isDefault: true })
    .description('sign in, in a browser profile of its own');
  open.copyInheritedSettings(command);
  withExamples(open, [
    'keyhold console prod                  # "open" may be left out',
    'keyhold console prod --service s3 --region eu-west-1',
    'keyhold console prod --browser firefox --container prod',
    'keyhold console prod --print',
  ])
    .addHelpText(
      'after',
      '\nTemporary credentials leave Keyhold for it. To forbid that: keyhold profile edit PROFILE --no-leave-console',
    )
    .option('--service <name>', 'a service’s page: s3, ec2, iam, …')
    .option('--region <region>', 'another region than the profile’s')
    .option(
      '--duration <duration>',
      'how long you stay signed in: 15m to 12h (default: 1h, or the role’s)',
      parseDuration,
    )
    .option('--print', 'print the address instead of opening it; whoever has it is signed in for 15 minutes')
    .option('--browser <browser>', ConsoleBrowser.options.join(', '), browserNamed)
    .option('--container <name>', 'a Firefox container, by the add-on “Open URL in Container”')
    .action(async (profile: string, options: OpenOptions) => {
      const done = await withPrompts(cli, ['gate'], () =>
        cli.call('console.open', {
          profile,
          ...(options.service === undefined ? {} : { service: options.service }),
          ...(options.region === undefined ? {} : { region: options.region }),
          ...(options.duration === undefined ? {} : { seconds: options.duration }),
          ...launchOf(cli.json, options),
        }),
      );
      if (done.kind === 'federation') {
        cli.note(
          `You are signed in as a federated user with all that the user behind ${profile} may do, without MFA: what a policy ties to MFA is refused, and IAM is. A profile with a role signs in as that role.`,
        );
      }
      cli.print(done, () => words(done, `signed in until ${done.expiresAt}`));
    });

  leaf(command, 'logout <profile>', 'sign out again', [
    'keyhold console logout prod',
    'keyhold console logout prod --forget',
  ])
    .option('--forget', 'remove the browser profile that Keyhold made for it, with all its cookies')
    .option('--print', 'print the address that signs out instead of opening it')
    .option('--browser <browser>', ConsoleBrowser.options.join(', '), browserNamed)
    .option('--container <name>', 'a Firefox container')
    .action(async (profile: string, options: LaunchOptions & { forget?: boolean }) => {
      const done = await cli.call('console.logout', {
        profile,
        ...(options.forget === true ? { forget: true } : {}),
        ...launchOf(cli.json, options),
      });
      cli.print(done, () =>
        done.forgotten ? `The browser profile of ${profile} is removed.\n` : words(done, 'AWS’s page signs out'),
      );
    });
};

function launchOf(json: boolean, { print, browser, container }: LaunchOptions): Pick<Params<'console.open'>, 'launch'> {
  if (print === true || (json && browser === undefined && container === undefined)) return {};
  return {
    launch: { ...(browser === undefined ? {} : { browser }), ...(container === undefined ? {} : { container }) },
  };
}

function words({ url, opened, browser }: Result<'console.logout'> | Result<'console.open'>, what: string): string {
  if (opened) return `Opened in ${browser ?? 'your browser'}: ${what}.\n`;
  return `${url ?? ''}\n`;
}

function browserNamed(text: string): ConsoleBrowser {
  const found = ConsoleBrowser.safeParse(text);
  if (found.success) return found.data;
  throw usageError(`"${text}" is no browser that is known here. Choose one of ${ConsoleBrowser.options.join(', ')}.`);
}
