import { type Define, expiresOption, withExamples } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { getLeaving } from '../get-leaving.ts';
import { issueClientKey } from '../issue-client-key.ts';
import { print } from '../standard-output.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold credential-process prod', 'keyhold credential-process prod --leave'])
    .addHelpText(
      'after',
      '\nIn a profile of ~/.aws/config (keyhold config install writes it there):\n  credential_process = keyhold credential-process prod',
    )
    .argument('<profile>')
    .addOption(expiresOption('how long the client key works'))
    .option(
      '--leave',
      'hand out temporary credentials that AWS itself takes: they leave Keyhold (allow it with keyhold profile edit PROFILE --leave-process)',
    )
    .action(async (profile: string, options: { expires?: string; leave?: boolean; json?: boolean }) => {
      // Run by tools, many at once and out of sight: it never asks.
      cli.configure({ ...options, input: false });
      if (options.leave === true) {
        if (options.expires !== undefined)
          throw usageError(
            '--expires is of client keys. What leaves lasts as long as keyhold profile edit --leave-for says.',
          );
        const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = await getLeaving(cli, profile);
        const answer = {
          Version: 1,
          AccessKeyId: accessKeyId,
          SecretAccessKey: secretAccessKey,
          SessionToken: sessionToken,
          Expiration: expiresAt,
        };
        print(`${JSON.stringify(answer)}\n`);
        return;
      }
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
      print(`${JSON.stringify(answer)}\n`);
    });
};
