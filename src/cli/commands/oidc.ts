import type { Command } from 'commander';
import { wipe } from '../../client/import/credential-values.ts';
import type { Params } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { SignIn } from '../../contract/sign-ins.ts';
import type { OidcSettings } from '../../contract/web-identity.ts';
import { collect } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { usageError } from '../errors.ts';
import { type ClientSecretOptions, clientAuthOf, readClientSecret } from '../sign-in/client-secret.ts';
import { defineRemove } from '../sign-in/define-remove.ts';
import { listSignIns } from '../sign-in/list-sign-ins.ts';
import { signInOfType } from '../sign-in/sign-in-of-type.ts';
import { stateWords } from '../sign-in/words.ts';

interface SettingsOptions extends ClientSecretOptions {
  issuer?: string;
  clientId?: string;
  scope?: string[];
}

export const define: Define = (command, cli) => {
  withSecret(
    leaf(command, 'add <name>', 'add a provider to sign in to', [
      'keyhold oidc add idp --issuer https://login.example.com --client-id keyhold',
      'keyhold oidc add idp --issuer https://login.example.com --client-id keyhold --client-secret',
      'keyhold profile add ci --account prod --sign-in idp --role-arn arn:aws:iam::123456789012:role/ci',
    ])
      .requiredOption('--issuer <url>', 'as the provider writes it in its tokens, and IAM has it')
      .requiredOption('--client-id <id>', 'a client of the provider, which IAM has as an audience')
      .option('--scope <scope>', 'what is asked for (repeatable; default: openid, offline_access)', collect),
  )
    .addHelpText(
      'after',
      '\nThe client proves itself by PKCE, and by its secret where the provider has given it one. Register http://127.0.0.1/oauth/callback for it, with any port (RFC 8252).',
    )
    .action(async (name: string, options: SettingsOptions & { issuer: string; clientId: string }) => {
      const { issuer, clientId, scope } = options;
      const { auth, isGiven } = clientAuthOf(options);
      const settings = {
        type: 'oidc',
        issuer,
        clientId,
        ...(scope === undefined ? {} : { scopes: scope }),
        ...(auth === undefined ? {} : { clientAuth: auth }),
      } as const;
      const signIn = await send(cli, 'signIn.add', { name, settings }, isGiven ? options : undefined);
      cli.print(signIn, () => `${signIn.name} is added. Sign in with: keyhold login ${quotedName(signIn.name)}\n`);
    });

  withSecret(
    leaf(command, 'edit <name>', 'change a provider; another issuer, client or scope ends the present login', [
      'keyhold oidc edit idp --rename work',
      'keyhold oidc edit idp --client-secret     # asks for the new one; nobody is signed out',
    ])
      .option('--rename <name>', 'what it is called from now on')
      .option('--issuer <url>', 'as the provider writes it in its tokens, and IAM has it')
      .option('--client-id <id>', 'a client of the provider, which IAM has as an audience')
      .option('--scope <scope>', 'what is asked for (repeatable)', collect),
  )
    .option('--no-client-secret', 'a public client from now on; its secret is forgotten')
    .action(async (name: string, { rename, ...options }: SettingsOptions & { rename?: string }) => {
      const { name: known, settings } = await signInOfType(cli, 'oidc', name);
      const changed = changedSettings(settings, options);
      const { isGiven } = clientAuthOf(options, settings.clientAuth);
      if (rename === undefined && !isSaid(options)) {
        throw usageError('Say what to change: --rename, --issuer, --client-id, --scope or --client-secret.');
      }
      const params = {
        name: known,
        ...(rename === undefined ? {} : { rename }),
        ...(changed === undefined ? {} : { settings: changed }),
      };
      const signIn = await send(cli, 'signIn.update', params, isGiven ? options : undefined);
      cli.print(signIn, () => `${signIn.name} is changed: ${stateWords(signIn, cli.now())}.\n`);
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

function withSecret(command: Command): Command {
  return command
    .option('--client-secret', 'of a confidential client: asks for its secret, which is kept in the HSM')
    .option('--client-secret-stdin', 'read it from standard input, first line')
    .option('--client-auth <way>', 'how it is shown to the provider: basic (default) or post');
}

/** Undefined where nothing of them changes. */
function changedSettings(before: OidcSettings, options: SettingsOptions): OidcSettings | undefined {
  const { issuer, clientId, scope } = options;
  const { clientAuth: _before, ...rest } = before;
  const { auth } = clientAuthOf(options, before.clientAuth);
  const settings = {
    ...rest,
    ...(issuer === undefined ? {} : { issuer }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(scope === undefined ? {} : { scopes: scope }),
    ...(auth === undefined ? {} : { clientAuth: auth }),
  };
  const isChanged = [issuer, clientId, scope].some((one) => one !== undefined) || auth !== before.clientAuth;
  return isChanged ? settings : undefined;
}

/** Whether anything is to change, though it may be so already. */
function isSaid({ issuer, clientId, scope, clientAuth, clientSecret, clientSecretStdin }: SettingsOptions): boolean {
  return [issuer, clientId, scope, clientAuth, clientSecret, clientSecretStdin].some((one) => one !== undefined);
}

/** With the secret, where one is to be given. */
async function send<M extends 'signIn.add' | 'signIn.update'>(
  cli: Cli,
  method: M,
  params: Params<M>,
  options: SettingsOptions | undefined,
): Promise<SignIn> {
  if (options === undefined) return cli.call(method, params);
  const secret = await readClientSecret(cli, options);
  try {
    return await cli.callSealed(method, async (seal) => ({
      ...params,
      clientSecret: await seal('oidc-client-secret', secret),
    }));
  } finally {
    wipe(secret);
  }
}
