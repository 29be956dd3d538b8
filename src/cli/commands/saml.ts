import type { Params, Result } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { collect } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { safeText } from '../output.ts';
import { type ChooseSamlOptions, chooseSamlRoles } from '../sign-in/choose-saml-roles.ts';
import { defineRemove } from '../sign-in/define-remove.ts';
import { listSignIns } from '../sign-in/list-sign-ins.ts';
import { renewedText } from '../sign-in/run-saml-login.ts';
import { signInOfType } from '../sign-in/sign-in-of-type.ts';
import { stateWords } from '../sign-in/words.ts';
import { table } from '../table.ts';
import { count, relativeTime } from '../words.ts';

interface SettingsOptions {
  startUrl?: string;
  accountId?: string[];
}

interface ImportOptions extends ChooseSamlOptions {
  account?: string;
  region?: string;
  template?: string;
  duration?: number;
}

export const define: Define = (command, cli) => {
  leaf(command, 'add <name>', 'add an identity provider to sign in to', [
    'keyhold saml add work --start-url https://idp.example.com/app/aws',
    'keyhold saml add work --start-url https://idp.example.com/app/aws --account-id 123456789012',
  ])
    .requiredOption('--start-url <url>', 'the page of the identity provider that begins a sign-in to AWS')
    .option('--account-id <id>', 'show roles of this account only (repeatable)', collect)
    .action(async (name: string, options: SettingsOptions & { startUrl: string }) => {
      const { startUrl, accountId } = options;
      const settings = { type: 'saml', startUrl, ...(accountId === undefined ? {} : { accounts: accountId }) } as const;
      const signIn = await cli.call('signIn.add', { name, settings });
      cli.print(signIn, () => `${signIn.name} is added. Sign in with: keyhold login ${quotedName(signIn.name)}\n`);
    });

  leaf(command, 'edit <name>', 'change an identity provider; other settings end what was signed in', [
    'keyhold saml edit work --rename corp',
    'keyhold saml edit work --start-url https://idp.example.com/app/aws2',
  ])
    .option('--rename <name>', 'what it is called from now on')
    .option('--start-url <url>', 'the page that begins a sign-in to AWS')
    .option('--account-id <id>', 'show roles of this account only (repeatable)', collect)
    .action(async (name: string, { rename, startUrl, accountId }: SettingsOptions & { rename?: string }) => {
      const { name: known, settings } = await signInOfType(cli, 'saml', name);
      const changes = {
        ...(startUrl === undefined ? {} : { startUrl }),
        ...(accountId === undefined ? {} : { accounts: accountId }),
      };
      const signIn = await cli.call('signIn.update', {
        name: known,
        ...(rename === undefined ? {} : { rename }),
        ...(Object.keys(changes).length === 0 ? {} : { settings: { ...settings, ...changes } }),
      });
      cli.print(signIn, () => `${signIn.name} is changed: ${stateWords(signIn, cli.now())}.\n`);
    });

  defineRemove(command, cli, {
    type: 'saml',
    what: 'an identity provider',
    example: 'keyhold saml remove work --cascade',
  });

  leaf(command, 'list', 'list identity providers', ['keyhold saml list']).action(() =>
    listSignIns(cli, {
      type: 'saml',
      where: 'Where',
      none: 'There is no identity provider yet. Add one with keyhold saml add.',
    }),
  );

  leaf(command, 'roles [name]', 'list the roles that the last sign-in offered', ['keyhold saml roles work']).action(
    async (wanted: string | undefined) => {
      const { name } = await signInOfType(cli, 'saml', wanted);
      const offered = await cli.call('saml.roles', { name });
      cli.print(offered, () => rolesText(cli, offered));
    },
  );

  leaf(command, 'import [name]', 'make profiles of the roles that the last sign-in offered', [
    'keyhold saml import work                 # shows them, and asks',
    'keyhold saml import work --all --duration 8h',
    'keyhold saml import work --role deploy --role arn:aws:iam::123456789012:role/read',
  ])
    .option('--all', 'all that have no profile yet')
    .option('--role <role>', 'only this role, by its name or ARN (repeatable)', collect)
    .option('--duration <duration>', 'how long sessions last, 15m to 12h (default: 1h)', parseDuration)
    .option('--region <region>', 'the profiles’ default region (default: us-east-1)')
    .option('--account <name>', 'the account here that they are in, where it has an endpoint of its own')
    .option('--template <text>', 'what profiles are called, with {account}, {accountId} and {role}')
    .action((name: string | undefined, options: ImportOptions) => importRoles(cli, name, options));
};

async function importRoles(cli: Cli, wanted: string | undefined, options: ImportOptions): Promise<void> {
  const { name } = await signInOfType(cli, 'saml', wanted);
  const offered = await cli.call('saml.roles', { name });
  if (offered.signedInAt === undefined) {
    throw usageError(`Nobody has signed in to ${name} yet. Sign in with: keyhold login ${quotedName(name)}`);
  }
  const choices = await chooseSamlRoles(cli, offered, options);
  if (choices.length === 0) {
    cli.print({ accounts: [], profiles: [], present: [] }, () => 'Each of those roles has a profile already.\n');
    return;
  }
  const params: Params<'saml.addProfiles'> = {
    name,
    choices: options.account === undefined ? choices : choices.map((one) => ({ ...one, account: options.account })),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.duration === undefined ? {} : { durationSeconds: options.duration }),
    ...(options.template === undefined ? {} : { nameTemplate: options.template }),
  };
  const added = await cli.call('saml.addProfiles', params);
  cli.print(added, () => addedText(name, added));
}

function addedText(name: string, added: Result<'saml.addProfiles'>): string {
  const { accounts, profiles, renewed, refused } = added;
  const [first = ''] = renewed.length > 0 ? renewed : profiles;
  const made = accounts.length === 0 ? '' : ` and ${count(accounts.length, 'account')}`;
  const next =
    renewed.length + refused.length === 0
      ? `The last sign-in is over. For sessions: keyhold login ${quotedName(name)}\n`
      : `Try: keyhold exec ${quotedName(first)} -- aws sts get-caller-identity\n`;
  return `${count(profiles.length, 'profile')}${made} added:\n${profiles.map((one) => `  ${one}\n`).join('')}${renewedText({ renewed, refused })}${next}`;
}

function rolesText(cli: Cli, { name, who, signedInAt, roles }: Result<'saml.roles'>): string {
  if (signedInAt === undefined)
    return `Nobody has signed in to ${name} yet. Sign in with: keyhold login ${quotedName(name)}\n`;
  const head = `Offered to ${safeText(who ?? 'somebody')} ${relativeTime(signedInAt, cli.now())}:\n`;
  if (roles.length === 0) return `${head}No role of the accounts that this sign-in is for.\n`;
  const rows = roles.map((one) => [one.account ?? '', one.accountId, one.roleName, one.profile ?? '']);
  const text = table(
    [{ title: 'Account' }, { title: 'Account id', fixed: true }, { title: 'Role' }, { title: 'Profile' }],
    rows,
    { width: cli.width, header: cli.paint.dim },
  );
  const missing = roles.some(({ profile }) => profile === undefined);
  return `${head}${text}${missing ? `Make profiles of them with: keyhold saml import ${quotedName(name)}\n` : ''}`;
}
