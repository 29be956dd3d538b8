import { collect } from '../arguments.ts';
import { type Define, leaf } from '../command.ts';
import { signInOfType } from '../sign-in/sign-in-of-type.ts';
import { quoted, stateWords, whereOf } from '../sign-in/words.ts';
import { table } from '../table.ts';

interface SettingsOptions {
  issuer: string;
  clientId: string;
  scope?: string[];
}

export const define: Define = (command, cli) => {
  leaf(command, 'add <name>', 'add a provider to sign in to', [
    'keyhold oidc add idp --issuer https://login.example.com --client-id keyhold',
    'keyhold profile add ci --account prod --sign-in idp --role-arn arn:aws:iam::123456789012:role/ci',
  ])
    .requiredOption('--issuer <url>', 'as the provider writes it in its tokens, and IAM has it')
    .requiredOption('--client-id <id>', 'a public client of the provider, which IAM has as an audience')
    .option('--scope <scope>', 'what is asked for (repeatable; default: openid, offline_access)', collect)
    .addHelpText(
      'after',
      '\nThe client has no secret and proves itself by PKCE. Register http://127.0.0.1/oauth/callback for it, with any port (RFC 8252).',
    )
    .action(async (name: string, { issuer, clientId, scope }: SettingsOptions) => {
      const settings = { type: 'oidc', issuer, clientId, ...(scope === undefined ? {} : { scopes: scope }) } as const;
      const signIn = await cli.call('signIn.add', { name, settings });
      cli.print(signIn, () => `${signIn.name} is added. Sign in with: keyhold login ${quoted(signIn.name)}\n`);
    });

  leaf(command, 'list', 'list providers', ['keyhold oidc list']).action(async () => {
    const signIns = (await cli.call('signIn.list', {})).signIns.filter(({ settings }) => settings.type === 'oidc');
    cli.print({ signIns }, () =>
      signIns.length === 0
        ? 'There is no OpenID Connect provider yet. Add one with keyhold oidc add.\n'
        : table(
            [
              { title: 'Name' },
              { title: 'Issuer' },
              { title: 'State' },
              { title: 'Profiles', align: 'right', fixed: true },
            ],
            signIns.map((one) => [
              one.name,
              whereOf(one.settings),
              stateWords(one, cli.now()),
              String(one.profiles.length),
            ]),
            { width: cli.width, header: cli.paint.dim },
          ),
    );
  });

  leaf(command, 'remove <name>', 'forget a provider', ['keyhold oidc remove idp --cascade'])
    .option('--cascade', 'also remove the profiles that work with it, and their clients')
    .action(async (name: string, options: { cascade?: boolean }) => {
      const { name: known } = await signInOfType(cli, 'oidc', name);
      await cli.call('signIn.remove', { name: known, ...(options.cascade === true ? { cascade: true } : {}) });
      cli.print({ removed: known }, () => `${known} is removed.\n`);
    });
};
