import { caBundlePath } from '../ca-bundle.ts';
import { keyVariables } from '../child-env.ts';
import { type Define, expiresOption, withExamples } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { issueClientKey } from '../issue-client-key.ts';
import { detectShell, type Shell, setLine, shellNamed, unsetLine } from '../shells.ts';

/** What would win over the client key, or lead past the door. */
const UNSET = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'];

export const define: Define = (command, cli) => {
  withExamples(command, [
    'eval "$(keyhold env prod)"',
    'keyhold env prod --shell fish | source',
    'keyhold env prod --shell powershell | Out-String | Invoke-Expression',
  ])
    .argument('<profile>')
    .option('--shell <shell>', 'sh, fish, powershell or cmd (default: yours)', shellNamed)
    .addOption(expiresOption('when the client key stops working').default('8h'))
    .action(async (profile: string, options: { shell?: Shell; expires: string }) => {
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
      const shell = options.shell ?? detectShell(process.env, process.platform);
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
        () =>
          [
            ...UNSET.map((name) => unsetLine(shell, name)),
            ...Object.entries(variables).map(([name, value]) => setLine(shell, name, value)),
            '',
          ].join('\n'),
      );
      if (process.stdout.isTTY) cli.note('\nNothing is set yet: run  eval "$(keyhold env ' + profile + ')"');
    });
};
