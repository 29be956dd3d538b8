import { wipe } from '../../client/import/credential-values.ts';
import { KeyholdError } from '../../contract/errors.ts';
import { type Define, withExamples } from '../command.ts';
import { newPassword } from '../new-password.ts';
import { showRecoveryCode } from '../recovery-code.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold init', 'keyhold init --start --password-file pw.txt --json'])
    .option('-y, --yes', 'do not ask to confirm the recovery code')
    .action(async (options: { yes?: boolean }) => {
      const { state } = await cli.call('status.get', {});
      if (state !== 'none') throw new KeyholdError('AlreadyInitialized', `There is a vault in ${cli.home} already.`);
      if (!cli.passwordGiven)
        cli.note('The password encrypts everything. Nobody can reset it; a recovery code follows.');
      const password = await newPassword(cli, 'New password: ');
      const { createReplyKey } = await import('../../client/seal.ts');
      const reply = await createReplyKey();
      let code: string;
      try {
        const made = await cli.callSealed('vault.create', async (seal) => ({
          password: await seal('password', password),
          replyKey: reply.publicKey,
        }));
        const bytes = await reply.open(made.recoveryCode, 'recovery-code');
        code = new TextDecoder().decode(bytes);
        wipe(bytes);
      } finally {
        wipe(password);
      }
      cli.print({ home: cli.home, recoveryCode: code }, () => `The vault is made and unlocked: ${cli.home}\n`);
      await showRecoveryCode(cli, code, options.yes !== true);
      cli.note('This is the only copy. Keep a second one on another disk or a stick: keyhold hsm mirror add PATH');
      cli.note('Next: keyhold import aws, or keyhold account add.');
    });
};
