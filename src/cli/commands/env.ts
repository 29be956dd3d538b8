import { quotedName } from '../../contract/quoted-name.ts';
import { caBundlePath } from '../ca-bundle.ts';
import { keyVariables } from '../child-env.ts';
import type { Cli } from '../cli.ts';
import { type Define, expiresOption, withExamples } from '../command.ts';
import { BEFORE_CONTAINER, containerVariables } from '../container-env.ts';
import { parseDuration } from '../duration.ts';
import { issueClientKey } from '../issue-client-key.ts';
import { detectShell, type Shell, setLine, shellNamed, unsetLine } from '../shells.ts';

/** What would win over the client key, or lead past the door. */
const UNSET = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'];

export const define: Define = (command, cli) => {
  withExamples(command, [
    'eval "$(keyhold env prod)"',
    'keyhold env prod --shell fish | source',
    'eval "$(keyhold env prod --container)"',
    'keyhold env prod --shell powershell | Out-String | Invoke-Expression',
  ])
    .argument('<profile>')
    .option('--shell <shell>', 'sh, fish, powershell or cmd (default: yours)', shellNamed)
    .option(
      '--container',
      'where to fetch temporary credentials that AWS itself takes, in place of a client key: they leave Keyhold',
    )
    .addOption(expiresOption('when the client key, or the permission to fetch, stops working').default('8h'))
    .action(async (profile: string, options: { shell?: Shell; container?: boolean; expires: string }) => {
      const shell = options.shell ?? detectShell(process.env, process.platform);
      if (options.container === true) return printContainer(cli, profile, options.expires, shell);
      const key = await issueClientKey(cli, {
        profile,
        purpose: 'env',
        expiresInSeconds: parseDuration(options.expires),
      });
      const path = caBundlePath(cli.home, key.caBundle);
      const variables = keyVariables({
        profile,
        accessKeyId: key.accessKeyId,
        secretAccessKey: key.secretAccessKey,
        endpoint: key.endpoint,
        region: key.region,
        ...(key.output === undefined ? {} : { output: key.output }),
        ...(path === undefined ? {} : { caBundlePath: path }),
      });
      cli.print(
        {
          profile,
          accessKeyId: key.accessKeyId,
          secretAccessKey: key.secretAccessKey,
          region: key.region,
          endpointUrl: key.endpoint,
          ...(key.client.expiresAt === undefined ? {} : { expiration: key.client.expiresAt }),
          environment: variables,
        },
        () => lines(shell, [...UNSET, ...endpointsOf(process.env)], variables),
      );
      if (process.stdout.isTTY) cli.note(`\nNothing is set yet: run  eval "$(keyhold env ${quotedName(profile)})"`);
    });
};

async function printContainer(cli: Cli, profile: string, expires: string, shell: Shell): Promise<void> {
  const given = await cli.call('leave.container', {
    profile,
    label: 'env',
    expiresInSeconds: parseDuration(expires),
  });
  const variables = containerVariables({ ...given, profile });
  cli.print({ profile, region: given.region, expiration: given.lease.expiresAt, environment: variables }, () =>
    lines(shell, [...BEFORE_CONTAINER, ...endpointsOf(process.env)], variables),
  );
  if (process.stdout.isTTY)
    cli.note(`\nNothing is set yet: run  eval "$(keyhold env ${quotedName(profile)} --container)"`);
}

/** Endpoints of single services, which a tool would take before the one for all. */
function endpointsOf(env: Readonly<NodeJS.ProcessEnv>): string[] {
  return Object.keys(env).filter((name) => name.startsWith('AWS_ENDPOINT_URL_'));
}

function lines(shell: Shell, unset: readonly string[], set: Readonly<Record<string, string>>): string {
  const all = [
    ...unset.map((name) => unsetLine(shell, name)),
    ...Object.entries(set).map(([name, value]) => setLine(shell, name, value)),
  ];
  return `${all.join('\n')}\n`;
}
