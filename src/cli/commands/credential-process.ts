import { type Define, expiresOption, withExamples } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { issueClientKey } from '../issue-client-key.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold credential-process prod'])
    .addHelpText(
      'after',
      '\nIn a profile of ~/.aws/config (keyhold config install writes it there):\n  credential_process = keyhold credential-process prod',
    )
    .argument('<profile>')
    .addOption(expiresOption('how long the client key works'))
    .action(async (profile: string, options: { expires?: string; json?: boolean }) => {
      // Run by tools, many at once and out of sight: it never asks.
      cli.configure({ ...options, input: false });
      const key = await issueClientKey(cli, {
        profile,
        purpose: 'credential-process',
        ...(options.expires === undefined ? {} : { expiresInSeconds: parseDuration(options.expires) }),
      });
      const answer = {
        Version: 1,
        AccessKeyId: key.accessKeyId,
        SecretAccessKey: key.secretAccessKey,
        ...(key.client.expiresAt === undefined ? {} : { Expiration: key.client.expiresAt }),
      };
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    });
};
