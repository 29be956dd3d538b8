import { type Define, withExamples } from '../command.ts';
import { type UnlockOptions, unlockVault } from '../security-keys/unlock.ts';
import { statusText } from '../state-words.ts';

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold unlock',
    'keyhold unlock --key',
    'keyhold unlock --recovery-code',
    'pass show keyhold | keyhold unlock --password-stdin',
  ])
    .option('--recovery-code', 'open with the recovery code instead of the password')
    .option('--key', 'open with a security key, with its PIN, a touch, and the password where the way in wants it')
    .option('--password', 'open with the password, whatever security key is plugged in')
    .option('--slot <id>', 'which way in with a security key (keyhold vault slot list)')
    .option('--device <id>', 'which of several security keys (keyhold mfa devices)')
    .option('--pin-file <file>', 'read the security key’s PIN from a file, first line')
    .option(
      '--accept-rollback',
      'open a vault file that is older than the one last opened here, e.g. one put back from a backup',
    )
    .action(async (options: UnlockOptions) => {
      const before = await cli.call('status.get', {});
      if (before.state === 'unlocked') {
        cli.print(before, () => 'The vault is unlocked already.\n');
        return;
      }
      const status = await unlockVault(cli, cli, options);
      cli.print(status, () => statusText(status, cli));
    });
};
