import { quotedName } from '../../contract/quoted-name.ts';
import { collect } from '../arguments.ts';
import { type Define, leaf } from '../command.ts';
import { defineRemove } from '../sign-in/define-remove.ts';
import { listSignIns } from '../sign-in/list-sign-ins.ts';

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
      cli.print(signIn, () => `${signIn.name} is added. Sign in with: keyhold login ${quotedName(signIn.name)}\n`);
    });

  leaf(command, 'list', 'list providers', ['keyhold oidc list']).action(() =>
    listSignIns(cli, {
      type: 'oidc',
      where: 'Issuer',
      none: 'There is no OpenID Connect provider yet. Add one with keyhold oidc add.',
    }),
  );

  defineRemove(command, cli, { type: 'oidc', what: 'a provider', example: 'keyhold oidc remove idp --cascade' });
};
