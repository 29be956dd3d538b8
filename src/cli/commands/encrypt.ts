import { type Define, withExamples } from '../command.ts';
import { encryptFile } from '../envelope/encrypt-file.ts';
import { parseContext } from '../envelope/encryption-context.ts';
import { formatBytes } from '../envelope/progress.ts';
import { usageError } from '../errors.ts';

interface EncryptCommand {
  key: string[];
  context: string[];
  output?: string;
  profile?: string;
  force?: boolean;
}

const collect = (value: string, before: string[]): string[] => [...before, value];

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold encrypt backup.tar --key alias/backup',
    'keyhold encrypt notes.txt --key alias/backup --key alias/escrow --context project=blue -o notes.enc',
    'tar c photos | keyhold encrypt - --key alias/backup -o photos.tar.encrypted',
  ])
    .argument('<file>', 'what to encrypt; - for standard input')
    .option('--key <key>', 'a KMS key: alias/name, id or ARN; given again, any one of them opens the file', collect, [])
    .option('--context <key=value>', 'bound to the file and not secret; may be given again', collect, [])
    .option('-o, --output <file>', 'where to (default: FILE.encrypted); - for standard output')
    .option('--profile <name>', 'whose KMS (default: AWS_PROFILE, or the only profile)')
    .option('--force', 'replace a file that is there')
    .action(async (source: string, options: EncryptCommand) => {
      if (options.key.length === 0) throw usageError('Say which KMS key with --key, e.g. --key alias/backup.');
      if (source === '-' && options.output === undefined) throw usageError('Say with -o where standard input goes to.');
      const target = options.output ?? `${source}.encrypted`;
      const context = parseContext(options.context);
      const done = await encryptFile(cli, {
        source,
        target,
        keys: options.key,
        profile: options.profile,
        context,
        force: options.force === true,
      });
      if (target === '-') return;
      cli.print(
        { file: source, output: target, bytes: done.bytes, keyIds: done.keys, encryptionContext: context },
        () => {
          const who = done.keys.length === 1 ? 'one key opens it' : `any of ${done.keys.length} keys opens it`;
          return `${target} (${formatBytes(done.bytes)} encrypted; ${who})\n`;
        },
      );
    });
};
