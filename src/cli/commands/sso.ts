import type { Params } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { SsoAccount } from '../../contract/sso.ts';
import { collect } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { type ChooseOptions, chooseRoles } from '../sign-in/choose-roles.ts';
import { defineRemove } from '../sign-in/define-remove.ts';
import { listSignIns } from '../sign-in/list-sign-ins.ts';
import { signInOfType } from '../sign-in/sign-in-of-type.ts';
import { stateWords } from '../sign-in/words.ts';
import { table } from '../table.ts';
import { count } from '../words.ts';

interface SettingsOptions {
  startUrl?: string;
  region?: string;
  scope?: string[];
  endpointUrl?: string;
}

interface ImportOptions extends ChooseOptions {
  region?: string;
  template?: string;
  dryRun?: boolean;
}

export const define: Define = (command, cli) => {
  leaf(command, 'add <name>', 'add an IAM Identity Center to sign in to', [
    'keyhold sso add corp --start-url https://d-1234567890.awsapps.com/start --region eu-central-1',
  ])
    .requiredOption('--start-url <url>', 'where its users sign in')
    .requiredOption('--region <region>', 'the region that it is in')
    .option('--scope <scope>', 'what is asked for (repeatable; default: sso:account:access)', collect)
    .option('--endpoint-url <url>', 'instead of AWS’s own hosts')
    .action(async (name: string, options: SettingsOptions & { startUrl: string; region: string }) => {
      const { startUrl, region } = options;
      const signIn = await cli.call('signIn.add', {
        name,
        settings: { type: 'sso', startUrl, region, ...changesOf({ ...options, startUrl, region }) },
      });
      cli.print(signIn, () => `${signIn.name} is added. Sign in with: keyhold login ${quotedName(signIn.name)}\n`);
    });

  leaf(command, 'edit <name>', 'change an Identity Center; other settings end the present login', [
    'keyhold sso edit corp --start-url https://corp.awsapps.com/start',
    'keyhold sso edit corp --rename work',
  ])
    .option('--rename <name>', 'what it is called from now on')
    .option('--start-url <url>', 'where its users sign in')
    .option('--region <region>', 'the region that it is in')
    .option('--scope <scope>', 'what is asked for (repeatable)', collect)
    .option('--endpoint-url <url>', 'instead of AWS’s own hosts')
    .action(async (name: string, { rename, ...options }: SettingsOptions & { rename?: string }) => {
      const { name: known, settings } = await signInOfType(cli, 'sso', name);
      const changes = changesOf(options);
      const signIn = await cli.call('signIn.update', {
        name: known,
        ...(rename === undefined ? {} : { rename }),
        ...(Object.keys(changes).length === 0 ? {} : { settings: { ...settings, ...changes } }),
      });
      cli.print(signIn, () => `${signIn.name} is changed: ${stateWords(signIn, cli.now())}.\n`);
    });

  defineRemove(command, cli, {
    type: 'sso',
    what: 'an Identity Center',
    example: 'keyhold sso remove corp --cascade',
  });

  leaf(command, 'list [name]', 'list Identity Centers, or the accounts and roles that one gives you', [
    'keyhold sso list',
    'keyhold sso list corp',
  ]).action(async (name: string | undefined) => {
    if (name === undefined) {
      return listSignIns(cli, {
        type: 'sso',
        where: 'Where',
        none: 'There is nothing to sign in to yet. Add an IAM Identity Center with keyhold sso add.',
      });
    }
    const signIn = await signInOfType(cli, 'sso', name);
    const listed = await cli.call('sso.accounts', { name: signIn.name });
    cli.print(listed, () => accountsText(cli, signIn.name, listed.accounts));
  });

  leaf(command, 'import [name]', 'make profiles of the roles that you have', [
    'keyhold sso import corp                  # shows them, and asks',
    'keyhold sso import corp --all --region eu-central-1 --yes',
    'keyhold sso import corp --role ReadOnly --template "{account}-{role}"',
  ])
    .option('--all', 'all that have no profile yet')
    .option('--role <name>', 'only this role (repeatable)', collect)
    .option('--account <name>', 'only this account, by its name there or its id (repeatable)', collect)
    .option('--region <region>', 'the profiles’ default region (default: us-east-1)')
    .option('--template <text>', 'what profiles are called, with {account}, {accountId} and {role}')
    .option('--dry-run', 'only say which ones')
    .option('-y, --yes', 'do not ask')
    .action((name: string | undefined, options: ImportOptions) => importRoles(cli, name, options));
};

async function importRoles(cli: Cli, wanted: string | undefined, options: ImportOptions): Promise<void> {
  const { name } = await signInOfType(cli, 'sso', wanted);
  const { accounts, roles, missing } = await cli.call('sso.accounts', { name });
  const choices = await chooseRoles(cli, accounts, options);
  if (choices.length === 0) {
    cli.print({ accounts: [], profiles: [] }, () =>
      roles === 0
        ? `${name} gives you no role in any account.\n`
        : missing === 0
          ? `Each of your ${count(roles, 'role')} has a profile already.\n`
          : 'Those have profiles already.\n',
    );
    return;
  }
  if (options.dryRun === true) {
    cli.print(
      { choices, dryRun: true },
      () => `${choices.map((one) => `${one.accountName}  ${one.roleName}\n`).join('')}Nothing was added (--dry-run).\n`,
    );
    return;
  }
  const params: Params<'sso.addProfiles'> = {
    name,
    choices,
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.template === undefined ? {} : { nameTemplate: options.template }),
  };
  const added = await cli.call('sso.addProfiles', params);
  cli.print(added, () => {
    const [first = ''] = added.profiles;
    const made = added.accounts.length === 0 ? '' : ` and ${count(added.accounts.length, 'account')}`;
    return `${count(added.profiles.length, 'profile')}${made} added:\n${added.profiles.map((one) => `  ${one}\n`).join('')}Try: keyhold exec ${quotedName(first)} -- aws sts get-caller-identity\n`;
  });
}

function accountsText(cli: Cli, name: string, accounts: readonly SsoAccount[]): string {
  if (accounts.length === 0) return `${name} gives you no role in any account.\n`;
  const rows = accounts.flatMap(({ accountName, accountId, roles }) =>
    roles.map(({ roleName, profiles }) => [accountName, accountId, roleName, profiles.join(', ')]),
  );
  const text = table(
    [{ title: 'Account' }, { title: 'Account id', fixed: true }, { title: 'Role' }, { title: 'Profile' }],
    rows,
    { width: cli.width, header: cli.paint.dim },
  );
  const missing = rows.filter(([, , , profile]) => profile === '').length;
  return missing === 0 ? text : `${text}Make profiles of them with: keyhold sso import ${quotedName(name)}\n`;
}

function changesOf({ startUrl, region, scope, endpointUrl }: SettingsOptions) {
  return {
    ...(startUrl === undefined ? {} : { startUrl }),
    ...(region === undefined ? {} : { region }),
    ...(scope === undefined ? {} : { scopes: scope }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  };
}
