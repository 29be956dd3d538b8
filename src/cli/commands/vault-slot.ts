import type { Command } from 'commander';
import { wipe } from '../../client/import/credential-values.ts';
import { hasKey } from '../../client/ways.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';
import { usageError } from '../errors.ts';
import { sealedSession } from '../hsm-users/session-file.ts';
import { recoveryCodesText } from '../hsm-users/words.ts';
import { newPassword } from '../new-password.ts';
import { showRecoveryCode } from '../recovery-code.ts';
import { type AuthorizeOptions, authorized, BY_KEY, BY_RECOVERY_CODE } from '../security-keys/authorized.ts';
import { passwordAloneNote } from '../security-keys/way-notes.ts';
import { otpSlotOf, type YubikeySlot, yubikeySlotOption } from '../security-keys/yubikey-slot.ts';
import { table } from '../table.ts';
import { age, count, fileSize } from '../words.ts';

interface AddOptions extends AuthorizeOptions {
  recoveryCode?: boolean;
  label?: string;
  newPasswordFile?: string;
  yes?: boolean;
}

interface AddKeyOptions extends AuthorizeOptions {
  label?: string;
  yubikeySlot?: YubikeySlot;
  withPassword?: boolean;
  newPasswordFile?: string;
  alone?: boolean;
}

const PIN_FILE = 'read the security key’s PIN from a file, first line';

/** `keyhold vault slot list | add | add-key | remove`. */
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
          slot.kdf === undefined
            ? ''
            : `${fileSize(slot.kdf.memoryKiB * 1024)}, ${count(slot.kdf.passes, 'pass', 'passes')}`,
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
    .option(...BY_KEY)
    .option('--pin-file <file>', PIN_FILE)
    .option('-y, --yes', 'do not ask to confirm the recovery code')
    .action((options: AddOptions) =>
      options.recoveryCode === true ? addRecoveryCode(cli, options) : addPassword(cli, options),
    );

  leaf(parent, 'add-key [name]', 'let a security key open the vault, alone or together with a password', [
    'keyhold vault slot add-key blue                  # its PIN and a touch open the vault',
    'keyhold vault slot add-key blue --with-password  # a password is needed as well',
    'keyhold vault slot add-key --yubikey-slot 2 --with-password',
  ])
    .option('--label <text>', 'what to call it')
    .addOption(yubikeySlotOption('HMAC-SHA1 challenge-response of a YubiKey, instead of a key enrolled'))
    .option('--with-password', 'ask for a new password of this way in as well')
    .option('--new-password-file <file>', 'read that password from a file, first line')
    .option('--alone', 'let the YubiKey alone open the vault: whoever holds it gets in')
    .option('--device <id>', 'which of several devices (keyhold mfa devices)')
    .option('--pin-file <file>', PIN_FILE)
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .action((name: string | undefined, options: AddKeyOptions) => addKey(cli, name, options));

  leaf(parent, 'remove <id>', 'remove a way in (never the last one)', ['keyhold vault slot remove 4f1d2c3b4a5e6f70'])
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .option('--pin-file <file>', PIN_FILE)
    .action(async (id: string, options: AddOptions) => {
      await authorized(cli, options, [], (proof) =>
        cli.callSealed('slot.remove', async (seal) => ({
          id,
          // The last recovery code of a vault whose HSM has users is for a crypto officer to remove.
          ...(await sealedSession(cli, seal)),
          authorize: await proof(seal),
        })),
      );
      await warnOfNoRecovery(cli);
      const { users, recoveryCodes } = await cli.call('hsm.users', {});
      const warning = users.length > 0 && recoveryCodes === 0 ? recoveryCodesText(recoveryCodes) : '';
      cli.print({ removed: id }, () => `Slot ${id} removed.\n${warning}`);
    });
}

async function addPassword(cli: Cli, options: AddOptions): Promise<void> {
  let added: Uint8Array | undefined;
  try {
    const slot = await authorized(cli, options, [], async (proof) => {
      added ??= await chosenPassword(cli, options);
      const wanted = added;
      return cli.callSealed('slot.addPassword', async (seal) => ({
        label: options.label ?? 'Password',
        password: await seal('password', wanted),
        authorize: await proof(seal),
      }));
    });
    cli.print(slot, () => `Slot ${slot.id} (${slot.label}) added.\n`);
  } finally {
    wipe(added);
  }
}

async function addKey(cli: Cli, name: string | undefined, options: AddKeyOptions): Promise<void> {
  if ((name === undefined) === (options.yubikeySlot === undefined)) {
    throw usageError('Name a key that is enrolled (keyhold mfa keys), or use --yubikey-slot.');
  }
  let added: Uint8Array | undefined;
  try {
    const slot = await authorized(cli, options, ['slot'], async (proof, pins) => {
      if (options.withPassword === true) added ??= await chosenPassword(cli, options);
      const password = added;
      return cli.callSealed('slot.addKey', async (seal) => ({
        label: options.label ?? name ?? 'YubiKey',
        key:
          name === undefined
            ? {
                kind: 'yubikey-hmac-sha1',
                otpSlot: otpSlotOf(options.yubikeySlot ?? '2'),
                ...(options.device === undefined ? {} : { device: options.device }),
              }
            : { kind: 'fido2', name, ...(await pins.subject(seal)) },
        ...(password === undefined ? {} : { password: await seal('password', password) }),
        ...(options.alone === true ? { alone: true } : {}),
        authorize: await proof(seal),
      }));
    });
    await warnOfNoRecovery(cli);
    cli.print(slot, () => `Slot ${slot.id} (${slot.label}) added: ${slot.factors.join(' and ')}.\n`);
    const alone = options.withPassword === true ? passwordAloneNote((await cli.call('mfa.ways', {})).ways) : null;
    if (alone !== null) cli.note(alone);
  } finally {
    wipe(added);
  }
}

/** A key can be lost: then the recovery code is what is left. */
async function warnOfNoRecovery(cli: Cli): Promise<void> {
  const { ways } = await cli.call('mfa.ways', {});
  if (ways.some(({ factors }) => factors.includes('recovery-code'))) return;
  if (!ways.every(hasKey)) return;
  cli.note(
    'Every way in needs a security key, and there is no recovery code. Add one: keyhold vault slot add --recovery-code',
  );
}

function chosenPassword(cli: Cli, { newPasswordFile }: { newPasswordFile?: string }): Promise<Uint8Array> {
  return cli.withPasswordFile(newPasswordFile, () => newPassword(cli, 'Additional password: '));
}

async function addRecoveryCode(cli: Cli, options: AddOptions): Promise<void> {
  const { createReplyKey } = await import('../../client/seal.ts');
  const reply = await createReplyKey();
  const { slot, recoveryCode } = await authorized(cli, options, [], (proof) =>
    cli.callSealed('slot.addRecoveryCode', async (seal) => ({
      label: options.label ?? 'Recovery code',
      replyKey: reply.publicKey,
      // Where the HSM has users, a recovery code is for a crypto officer to make.
      ...(await sealedSession(cli, seal)),
      authorize: await proof(seal),
    })),
  );
  const bytes = await reply.open(recoveryCode, 'recovery-code');
  const code = new TextDecoder().decode(bytes);
  wipe(bytes);
  cli.print({ slot, recoveryCode: code }, () => `Slot ${slot.id} (${slot.label}) added.\n`);
  await showRecoveryCode(cli, code, options.yes !== true);
}
