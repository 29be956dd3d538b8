import type { OidcSettings } from '../../contract/web-identity.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';

export interface ClientSecretOptions {
  /** False: it has none any more. */
  clientSecret?: boolean;
  clientSecretStdin?: boolean;
  clientAuth?: string;
  passwordStdin?: boolean;
}

type Auth = NonNullable<OidcSettings['clientAuth']>;

const METHODS: Readonly<Record<string, Auth>> = { basic: 'client_secret_basic', post: 'client_secret_post' };

/** What is to be asked for, and how it will be shown: what every provider has to take, unless something else is said or was said before. */
export function clientAuthOf(
  { clientSecret, clientSecretStdin, clientAuth }: ClientSecretOptions,
  before?: Auth,
): { auth: Auth | undefined; isGiven: boolean } {
  const isGiven = clientSecret === true || clientSecretStdin === true;
  if (clientSecret === true && clientSecretStdin === true) {
    throw usageError('Give --client-secret or --client-secret-stdin, not both.');
  }
  if (clientSecret === false && (clientSecretStdin === true || clientAuth !== undefined)) {
    throw usageError('--no-client-secret goes with neither --client-secret-stdin nor --client-auth.');
  }
  if (clientSecret === false) return { auth: undefined, isGiven: false };
  if (clientAuth === undefined) return { auth: before ?? (isGiven ? METHODS['basic'] : undefined), isGiven };
  const auth = METHODS[clientAuth];
  if (auth === undefined) throw usageError('--client-auth is basic or post.');
  if (before === undefined && !isGiven) throw usageError('--client-auth goes with --client-secret.');
  return { auth, isGiven };
}

/** The caller wipes it. It is never an argument, which other programs could see. */
export async function readClientSecret(cli: Cli, options: ClientSecretOptions): Promise<Uint8Array> {
  if (options.clientSecretStdin !== true) {
    return cli.needTerminal('Use --client-secret-stdin.').askSecret('Client secret: ');
  }
  if (options.passwordStdin === true) {
    throw usageError(
      'Standard input cannot hold both the vault’s password and the client’s secret. Use --password-file.',
    );
  }
  const { nextStdinLine } = await import('../stdin-lines.ts');
  return nextStdinLine('the client secret');
}
