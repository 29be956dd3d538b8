import { type Define, withExamples } from '../command.ts';
import { decryptFile } from '../envelope/decrypt-file.ts';
import { parseContext } from '../envelope/encryption-context.ts';
import { formatBytes } from '../envelope/progress.ts';
import { usageError } from '../errors.ts';

interface DecryptCommand {
  context: string[];
  output?: string;
  profile?: string;
  force?: boolean;
}

const SUFFIX = '.encrypted';
const collect = (value: string, before: string[]): string[] => [...before, value];

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold decrypt backup.tar.encrypted',
    'keyhold decrypt notes.enc --context project=blue -o notes.txt',
    'keyhold decrypt photos.tar.encrypted -o - | tar t',
  ])
    .argument('<file>', 'an AWS Encryption SDK message; - for standard input')
    .option(
      '--context <key=value>',
      'refuse the file unless it was encrypted with this; may be given again',
      collect,
      [],
    )
    .option('-o, --output <file>', `where to (default: FILE without ${SUFFIX}); - for standard output`)
    .option('--profile <name>', 'whose KMS (default: AWS_PROFILE, or the only profile)')
    .option('--force', 'replace a file that is there')
    .action(async (source: string, options: DecryptCommand) => {
      const target = options.output ?? plainName(source);
      const done = await decryptFile(cli, {
        source,
        target,
        profile: options.profile,
        context: parseContext(options.context),
        force: options.force === true,
      });
      if (target === '-') return;
      cli.print(
        { file: source, output: target, bytes: done.bytes, encryptionContext: done.context },
        () => `${target} (${formatBytes(done.bytes)} decrypted)\n`,
      );
    });
};

function plainName(source: string): string {
  if (source.endsWith(SUFFIX) && source.length > SUFFIX.length) return source.slice(0, -SUFFIX.length);
  throw usageError(`Say with -o where to: "${source}" does not end with ${SUFFIX}.`);
}
