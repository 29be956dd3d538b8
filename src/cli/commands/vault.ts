import { resolve } from 'node:path';
import { wipe } from '../../client/import/credential-values.ts';
import { reportText } from '../check-report.ts';
import { type Define, leaf } from '../command.ts';
import { ExitWith } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { newPassword } from '../new-password.ts';
import { type RestoreOptions, restoreBackup } from '../restore-backup.ts';
import { keptPasswordsNote } from '../security-keys/way-notes.ts';
import { count, fileSize } from '../words.ts';
import { defineSlots } from './vault-slot.ts';

export const define: Define = (command, cli) => {
  leaf(command, 'check', 'check structure, every MAC, the set hash and the audit chain', [
    'keyhold vault check',
  ]).action(async () => {
    const report = await cli.call('vault.check', {});
    cli.print(report, () => reportText(report, cli));
    if (!report.ok) throw new ExitWith(EXIT.damaged);
  });

  leaf(command, 'backup <file>', 'copy the encrypted vault while it is in use, and verify the copy', [
    'keyhold vault backup ~/backups/keyhold-$(date +%F).vault',
  ])
    .option('--overwrite', 'replace the file if it exists')
    .action(async (file: string, options: { overwrite?: boolean }) => {
      const made = await cli.call('vault.backup', {
        path: resolve(file),
        ...(options.overwrite === true ? { overwrite: true } : {}),
      });
      cli.print(
        made,
        () =>
          `Backed up ${count(made.records, 'record')} (${fileSize(made.sizeBytes)}) to ${made.path}\n${reportText(made.report, cli)}`,
      );
      if (!made.report.ok) throw new ExitWith(EXIT.damaged);
    });

  leaf(command, 'restore <file>', 'replace the vault by a verified backup; the present file is kept beside it', [
    'keyhold vault restore keyhold-2026-11-23.vault',
  ])
    .option('--recovery-code', 'open the backup with its recovery code instead of its password')
    .option('--key', 'open the backup with a security key')
    .option('--device <id>', 'which of several security keys (keyhold mfa devices)')
    .option('--pin-file <file>', 'read the security key’s PIN from a file, first line')
    .option('-y, --yes', 'do not ask before replacing the present vault')
    .action((file: string, options: RestoreOptions) => restoreBackup(cli, file, options));

  leaf(command, 'passwd', 'change the password', [
    'keyhold vault passwd',
    "printf '%s\\n%s\\n' OLD NEW | keyhold vault passwd --password-stdin   # from a script that may hold them",
  ])
    .option('--new-password-file <file>', 'read the new password from a file, first line')
    .action(async (options: { newPasswordFile?: string }) => {
      const current = await cli.password('Current password: ');
      let next: Uint8Array | undefined;
      try {
        const wanted = await cli.withPasswordFile(options.newPasswordFile, () => newPassword(cli, 'New password: '));
        next = wanted;
        await cli.callSealed('vault.changePassword', async (seal) => ({
          current: await seal('password', current),
          next: await seal('password', wanted),
        }));
      } finally {
        wipe(current, next);
      }
      cli.print({ changed: true }, () => 'The password is changed. The recovery code stays as it is.\n');
      const kept = keptPasswordsNote((await cli.call('mfa.ways', {})).ways);
      if (kept !== null) cli.note(kept);
    });

  defineSlots(command.command('slot').description('ways into the vault'), cli);
};
