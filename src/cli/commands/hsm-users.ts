import { Argument, type Command, Option } from 'commander';
import { wipe } from '../../client/import/credential-values.ts';
import type { HsmRole } from '../../contract/hsm-users.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';
import { Cancelled } from '../errors.ts';
import {
  callAsUser,
  endFormerSession,
  forgetSession,
  logOut,
  sealedSession,
  writeSession,
} from '../hsm-users/session-file.ts';
import { ROLE_WORDS, recoveryCodesText, usersText } from '../hsm-users/words.ts';
import { newPassword } from '../new-password.ts';
import { readFile } from '../read-file.ts';

interface NewUserOptions {
  publicKey?: string;
  newPasswordFile?: string;
}

const PUBLIC_KEY = [
  '--public-key <file>',
  'the public key, as PEM, that this officer signs quorum tokens with: RSA-2048 or P-256 (default: a key kept in the HSM under the password)',
] as const;
const NEW_PASSWORD_FILE = ['--new-password-file <file>', 'read the new password from a file, first line'] as const;

export function roleOption(): Option {
  return new Option('--role <role>', 'what the user may do').choices(['crypto-officer', 'crypto-user'] as const);
}

/** `publicKey` as the contract takes it. */
export function publicKeyOf(file: string | undefined): { publicKey?: string } {
  return file === undefined ? {} : { publicKey: readFile(file).toString('utf8') };
}

/** `keyhold hsm login` and `logout`. */
export function defineLogin(command: Command, cli: Cli): void {
  leaf(command, 'login <name>', 'log an HSM user in, for the commands after this one', [
    'keyhold hsm login alice',
    'pass show hsm/alice | keyhold hsm login alice --password-stdin',
  ]).action(async (name: string) => {
    // Before the password is typed: a locked vault is unlocked first.
    await cli.call('hsm.users', {});
    const { createReplyKey } = await import('../../client/seal.ts');
    const reply = await createReplyKey();
    const password = await cli.password(`Password of ${name}: `);
    try {
      await endFormerSession(cli);
      const login = await cli.callSealed('hsm.login', async (seal) => ({
        name,
        password: await seal('hsm-password', password),
        replyKey: reply.publicKey,
      }));
      const secret = await reply.open(login.session, 'hsm-session');
      try {
        writeSession(cli, name, secret);
      } finally {
        wipe(secret);
      }
      const { role, idleSeconds } = login;
      cli.print({ name, role, idleSeconds }, () => {
        const minutes = Math.round(idleSeconds / 60);
        return `${name} (${ROLE_WORDS[role]}) is logged in, until logout, lock or ${minutes} min without a use.\n`;
      });
    } finally {
      wipe(password);
    }
  });

  leaf(command, 'logout', 'end all sessions of the HSM user who is logged in here', ['keyhold hsm logout']).action(
    async () => {
      const name = await logOut(cli);
      cli.print({ name }, () =>
        name === null ? 'The session had ended already.\n' : `${name} is logged out, of all sessions.\n`,
      );
    },
  );
}

/** `keyhold hsm users list | init | add | remove | password | require-login | reset`. */
export function defineUsers(parent: Command, cli: Cli): void {
  leaf(parent, 'list', 'list the users of the HSM', ['keyhold hsm users list']).action(async () => {
    const all = await cli.callSealed('hsm.users', (seal) => sealedSession(cli, seal));
    cli.print(all, () => usersText(all, cli));
  });

  leaf(parent, 'init <name>', 'make the first crypto officer; asks for the vault’s password, then for the officer’s', [
    'keyhold hsm users init alice',
    'keyhold hsm users init alice --public-key alice.pub.pem',
  ])
    .option(...PUBLIC_KEY)
    .option(...NEW_PASSWORD_FILE)
    .action(async (name: string, options: NewUserOptions) => {
      const key = publicKeyOf(options.publicKey);
      const { recoveryCodes } = await cli.call('hsm.users', {});
      const owner = await cli.password('Password of the vault: ');
      let chosen: Uint8Array | undefined;
      try {
        const password = await choose(cli, name, options);
        chosen = password;
        const user = await cli.callSealed('hsm.usersInit', async (seal) => ({
          authorize: { factor: 'password', sealed: await seal('password', owner) },
          name,
          password: await seal('hsm-password', password),
          ...key,
        }));
        cli.print(
          { ...user, recoveryCodes },
          () =>
            `${user.name} is the first crypto officer. Log in with keyhold hsm login ${quotedName(user.name)} to add others.\n${recoveryCodesText(recoveryCodes)}`,
        );
      } finally {
        wipe(owner, chosen);
      }
    });

  leaf(parent, 'add <name>', 'add a user; a crypto officer has to be logged in', [
    'keyhold hsm users add bob --role crypto-officer --public-key bob.pub.pem',
    'keyhold hsm users add carol --role crypto-user',
  ])
    .addOption(roleOption().makeOptionMandatory())
    .option(...PUBLIC_KEY)
    .option(...NEW_PASSWORD_FILE)
    .action(async (name: string, options: NewUserOptions & { role: HsmRole }) => {
      const key = publicKeyOf(options.publicKey);
      await cli.call('hsm.users', {});
      const password = await choose(cli, name, options);
      try {
        const user = await callAsUser(cli, 'hsm.userAdd', async (session, seal) => ({
          session,
          name,
          role: options.role,
          password: await seal('hsm-password', password),
          ...key,
        }));
        cli.print(user, () => `${user.name} is a ${ROLE_WORDS[user.role]} of the HSM.\n`);
      } finally {
        wipe(password);
      }
    });

  leaf(parent, 'remove <name>', 'remove a user, never the last crypto officer', [
    'keyhold hsm users remove bob',
  ]).action(async (name: string) => {
    await callAsUser(cli, 'hsm.userRemove', async (session) => ({ session, name }));
    cli.print({ removed: name }, () => `${name} is no user of the HSM any more.\n`);
  });

  leaf(parent, 'password <name>', 'change a user’s password; asks for the present one first', [
    'keyhold hsm users password alice',
  ])
    .option(...NEW_PASSWORD_FILE)
    .action(async (name: string, options: NewUserOptions) => {
      await cli.call('hsm.users', {});
      await changeUserPassword(cli, name, options.newPasswordFile);
    });

  const requireLogin = leaf(parent, 'require-login', 'whether KMS keys work only while a crypto user is logged in', [
    'keyhold hsm users require-login on',
  ]);
  requireLogin.addArgument(new Argument('<state>').choices(['on', 'off']));
  requireLogin.action(async (wanted: string) => {
    const needsLogin = wanted === 'on';
    const set = await callAsUser(cli, 'hsm.keyUseSet', async (session) => ({ session, needsLogin }));
    cli.print(set, () =>
      needsLogin
        ? 'KMS keys work only while a crypto user is logged in.\n'
        : 'KMS keys work whenever the vault is unlocked.\n',
    );
  });

  leaf(parent, 'reset', 'remove all users and their quorum, with the vault’s recovery code', [
    'keyhold hsm users reset',
  ])
    .option('-y, --yes', 'do not ask before doing it')
    .action(async (options: { yes?: boolean }) => {
      const question = 'Remove all users of the HSM, their quorum and what they have approved?';
      if (options.yes !== true) {
        const person = cli.needTerminal('Add --yes to remove them without being asked.');
        if (!(await person.confirm(question, false))) throw new Cancelled();
      }
      await cli.call('hsm.users', {});
      const code = await cli.password('Recovery code: ');
      try {
        await cli.callSealed('hsm.usersReset', async (seal) => ({ recoveryCode: await seal('recovery-code', code) }));
      } finally {
        wipe(code);
      }
      forgetSession(cli);
      cli.print({ reset: true }, () => 'The HSM has no users any more: the owner of the vault does everything.\n');
    });
}

/** Asks for the present password, then for the new one, and changes it. */
export async function changeUserPassword(cli: Cli, name: string, newPasswordFile: string | undefined): Promise<void> {
  const current = await cli.password(`Present password of ${name}: `);
  let chosen: Uint8Array | undefined;
  try {
    const next = await choose(cli, name, newPasswordFile === undefined ? {} : { newPasswordFile });
    chosen = next;
    await cli.callSealed('hsm.userPassword', async (seal) => ({
      name,
      current: await seal('hsm-password', current),
      next: await seal('hsm-password', next),
    }));
    cli.print({ name }, () => `The password of ${name} is changed, and their sessions have ended.\n`);
  } finally {
    wipe(current, chosen);
  }
}

function choose(
  cli: Cli,
  name: string,
  { newPasswordFile }: Pick<NewUserOptions, 'newPasswordFile'>,
): Promise<Uint8Array> {
  return cli.withPasswordFile(newPasswordFile, () => newPassword(cli, `New password of ${name}: `));
}
