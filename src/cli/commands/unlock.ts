import { wipe } from '../../client/import/credential-values.ts';
import { type Define, withExamples } from '../command.ts';
import { statusText } from '../state-words.ts';

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold unlock',
    'keyhold unlock --recovery-code',
    'pass show keyhold | keyhold unlock --password-stdin',
  ])
    .option('--recovery-code', 'open with the recovery code instead of the password')
    .option(
      '--accept-rollback',
      'open a vault file that is older than the one last opened here, e.g. one put back from a backup',
    )
    .action(async (options: { recoveryCode?: boolean; acceptRollback?: boolean }) => {
      const before = await cli.call('status.get', {});
      if (before.state === 'unlocked') {
        cli.print(before, () => 'The vault is unlocked already.\n');
        return;
      }
      const factor = options.recoveryCode === true ? 'recovery-code' : 'password';
      const secret = await cli.password(factor === 'password' ? 'Password: ' : 'Recovery code: ');
      try {
        const status = await cli.callSealed('vault.unlock', async (seal) => ({
          secret: { factor, sealed: await seal(factor, secret) },
          ...(options.acceptRollback === true ? { acceptRollback: true } : {}),
        }));
        cli.print(status, () => statusText(status, cli));
      } finally {
        wipe(secret);
      }
    });
};
