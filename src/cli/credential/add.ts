import { wipe } from '../../client/import/credential-values.ts';
import type { Credential, CredentialService } from '../../contract/credentials.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { whatText } from './words.ts';

const SERVICES: Readonly<Record<string, CredentialService>> = {
  codecommit: 'codecommit.amazonaws.com',
  keyspaces: 'cassandra.amazonaws.com',
  cassandra: 'cassandra.amazonaws.com',
  bedrock: 'bedrock.amazonaws.com',
};

interface Common {
  key: string;
  note?: string;
}
export interface SmtpOptions extends Common {
  region: string;
}
export interface ServiceOptions extends Common {
  service: string;
  existing?: string;
  user?: string;
  secretStdin?: boolean;
  reset?: string;
  passwordStdin?: boolean;
}

export async function addSmtp(cli: Cli, name: string, { key, note, region }: SmtpOptions): Promise<void> {
  print(
    cli,
    await cli.call('credential.add', { type: 'smtp', name, key, region, ...(note === undefined ? {} : { note }) }),
  );
}

export async function addSshKey(cli: Cli, name: string, { key, note }: Common): Promise<void> {
  const added = await withPrompts(cli, ['gate'], () =>
    cli.call('credential.add', { type: 'sshKey', name, key, ...(note === undefined ? {} : { note }) }),
  );
  print(cli, added, `Host git-codecommit.*.amazonaws.com\n  User ${added.credentialId ?? ''}\n`);
}

export async function addService(cli: Cli, name: string, options: ServiceOptions): Promise<void> {
  const { key, note, existing, reset } = options;
  const service = Object.hasOwn(SERVICES, options.service) ? SERVICES[options.service] : undefined;
  if (service === undefined) throw usageError('--service is codecommit, keyspaces or bedrock.');
  if (existing !== undefined && reset !== undefined) throw usageError('Choose one of --existing and --reset.');
  const wanted = { type: 'service' as const, name, key, service, ...(note === undefined ? {} : { note }) };
  if (existing === undefined) {
    const added = await withPrompts(cli, ['gate'], () =>
      cli.call('credential.add', { ...wanted, ...(reset === undefined ? {} : { reset }) }),
    );
    print(cli, added);
    return;
  }
  const userName = options.user;
  if (userName === undefined) throw usageError('Say with --user which user name goes with the password.');
  const password = await readPassword(cli, options);
  try {
    const added = await cli.callSealed('credential.add', async (seal) => ({
      ...wanted,
      existing: { credentialId: existing, userName, password: await seal('service-password', password) },
    }));
    print(cli, added);
  } finally {
    wipe(password);
  }
}

async function readPassword(cli: Cli, { secretStdin, passwordStdin }: ServiceOptions): Promise<Uint8Array> {
  if (secretStdin !== true) {
    return cli.needTerminal('Use --secret-stdin.').askSecret('Password or API key of the service: ');
  }
  if (passwordStdin === true) {
    throw usageError('Standard input cannot hold both the vault’s password and the service’s. Use --password-file.');
  }
  const { nextStdinLine } = await import('../stdin-lines.ts');
  return nextStdinLine('the password of the service');
}

function print(cli: Cli, added: Credential, more = ''): void {
  const shown = `Show it with: keyhold credential reveal ${quotedName(added.name)}\n`;
  cli.print(
    added,
    () => `${added.name} is in the vault (${whatText(added)}; user ${added.userName ?? ''}).\n${shown}${more}`,
  );
}
