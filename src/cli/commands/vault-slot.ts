import type { Command } from 'commander';
import { wipe } from '../../client/import/credential-values.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';
import { sealedSession } from '../hsm-users/session-file.ts';
import { recoveryCodesText } from '../hsm-users/words.ts';
import { newPassword } from '../new-password.ts';
import { showRecoveryCode } from '../recovery-code.ts';
import { table } from '../table.ts';
import { age, count, fileSize } from '../words.ts';

interface AddOptions {
  recoveryCode?: boolean;
  label?: string;
  newPasswordFile?: string;
  yes?: boolean;
  byRecoveryCode?: boolean;
}

const BY_RECOVERY_CODE = [
  '--by-recovery-code',
  'prove yourself with the recovery code instead of the password',
] as const;

/** `keyhold vault slot list | add | remove`. */
export function defineSlots(parent: Command, cli: Cli): void {
  leaf(parent, 'list', 'list the ways in', ['keyhold vault slot list']).action(async () => {
    const { slots } = await cli.call('slot.list', {});
    cli.print({ slots }, () =>
      table(
        [{ title: 'Id', fixed: true }, { title: 'Label' }, { title: 'Needs' }, { title: 'Age' }, { title: 'Argon2id' }],
        slots.map((slot) => [
          slot.id,
          slot.label,
          slot.factors.join(' and '),
          age(slot.createdAt, cli.now()),
          `${fileSize(slot.kdf.memoryKiB * 1024)}, ${count(slot.kdf.passes, 'pass', 'passes')}`,
        ]),
        { width: cli.width, header: cli.paint.dim },
      ),
    );
  });

  leaf(parent, 'add', 'add another password or recovery code', [
    'keyhold vault slot add --label "second person"',
    'keyhold vault slot add --recovery-code --label "safe deposit box"',
  ])
    .option('--recovery-code', 'a new recovery code instead of a password')
    .option('--label <text>', 'what to call it')
    .option('--new-password-file <file>', 'read the new password from a file, first line')
    .option(...BY_RECOVERY_CODE)
    .option('-y, --yes', 'do not ask to confirm the recovery code')
    .action((options: AddOptions) =>
      options.recoveryCode === true ? addRecoveryCode(cli, options) : addPassword(cli, options),
    );

  leaf(parent, 'remove <id>', 'remove a way in (never the last one)', ['keyhold vault slot remove 4f1d2c3b4a5e6f70'])
    .option(...BY_RECOVERY_CODE)
    .action(async (id: string, options: AddOptions) => {
      const { factor, secret } = await authorize(cli, options);
      try {
        await cli.callSealed('slot.remove', async (seal) => ({
          id,
          // The last recovery code of a vault whose HSM has users is for a crypto officer to remove.
          ...(await sealedSession(cli, seal)),
          authorize: { factor, sealed: await seal(factor, secret) },
        }));
      } finally {
        wipe(secret);
      }
      const { users, recoveryCodes } = await cli.call('hsm.users', {});
      const warning = users.length > 0 && recoveryCodes === 0 ? recoveryCodesText(recoveryCodes) : '';
      cli.print({ removed: id }, () => `Slot ${id} removed.\n${warning}`);
    });
}

/** Who changes the ways in says again who they are. The caller wipes the secret. */
async function authorize(
  cli: Cli,
  options: AddOptions,
): Promise<{ factor: 'password' | 'recovery-code'; secret: Uint8Array }> {
  const factor = options.byRecoveryCode === true ? 'recovery-code' : 'password';
  const secret = await cli.password(factor === 'password' ? 'Current password: ' : 'Recovery code: ');
  return { factor, secret };
}

async function addPassword(cli: Cli, options: AddOptions): Promise<void> {
  const { factor, secret } = await authorize(cli, options);
  let added: Uint8Array | undefined;
  try {
    const wanted = await cli.withPasswordFile(options.newPasswordFile, () => newPassword(cli, 'Additional password: '));
    added = wanted;
    const slot = await cli.callSealed('slot.addPassword', async (seal) => ({
      label: options.label ?? 'Password',
      password: await seal('password', wanted),
      authorize: { factor, sealed: await seal(factor, secret) },
    }));
    cli.print(slot, () => `Slot ${slot.id} (${slot.label}) added.\n`);
  } finally {
    wipe(secret, added);
  }
}

async function addRecoveryCode(cli: Cli, options: AddOptions): Promise<void> {
  const { factor, secret } = await authorize(cli, options);
  try {
    const { createReplyKey } = await import('../../client/seal.ts');
    const reply = await createReplyKey();
    const { slot, recoveryCode } = await cli.callSealed('slot.addRecoveryCode', async (seal) => ({
      label: options.label ?? 'Recovery code',
      replyKey: reply.publicKey,
      // Where the HSM has users, a recovery code is for a crypto officer to make.
      ...(await sealedSession(cli, seal)),
      authorize: { factor, sealed: await seal(factor, secret) },
    }));
    const bytes = await reply.open(recoveryCode, 'recovery-code');
    const code = new TextDecoder().decode(bytes);
    wipe(bytes);
    cli.print({ slot, recoveryCode: code }, () => `Slot ${slot.id} (${slot.label}) added.\n`);
    await showRecoveryCode(cli, code, options.yes !== true);
  } finally {
    wipe(secret);
  }
}
