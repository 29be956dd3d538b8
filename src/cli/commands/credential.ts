import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { addService, addSmtp, addSshKey, type ServiceOptions, type SmtpOptions } from '../credential/add.ts';
import { type RevealOptions, reveal } from '../credential/reveal.ts';
import { credentialsText, credentialText } from '../credential/words.ts';
import { Cancelled } from '../errors.ts';
import { BY_KEY, BY_RECOVERY_CODE } from '../security-keys/authorized.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';

const KEY = ['--key <name>', 'the access key of the same IAM user'] as const;
const NOTE = ['--note <text>', 'what to remember about it'] as const;

export const define: Define = (command, cli) => {
  leaf(command, 'list', 'list them', ['keyhold credential list']).action(async () => {
    const { credentials } = await cli.call('credential.list', {});
    cli.print({ credentials }, () => credentialsText(cli, credentials));
  });

  leaf(command, 'show <name>', 'say what is known of one, without what is secret', [
    'keyhold credential show git',
  ]).action(async (name: string) => {
    const credential = await cli.call('credential.get', { name });
    cli.print(credential, () => credentialText(cli, credential));
  });

  const add = command.command('add').description('have IAM make one, or take one in').usage('<kind> [options]');
  add.copyInheritedSettings(command);
  leaf(add, 'smtp <name>', 'the password for Amazon SES’s SMTP endpoint, which follows from an access key', [
    'keyhold credential add smtp mail --key mailer --region eu-central-1',
  ])
    .requiredOption('--key <name>', 'the access key that it follows from')
    .requiredOption('--region <region>', 'where mail is sent: each region has another password')
    .option(...NOTE)
    .action((name: string, options: SmtpOptions) => addSmtp(cli, name, options));

  leaf(add, 'service <name>', 'a password for CodeCommit or Keyspaces, or an API key for Bedrock', [
    'keyhold credential add service git --key deploy --service codecommit',
    'keyhold credential add service git --key deploy --service codecommit --reset ACCAEXAMPLE123EXAMPLE',
    'keyhold credential add service git --key deploy --service codecommit --existing ACCAEXAMPLE123EXAMPLE --user alice-at-123456789012',
  ])
    .requiredOption(...KEY)
    .requiredOption('--service <service>', 'codecommit, keyspaces or bedrock')
    .option('--existing <id>', 'take in the one with this id, whose password you have; IAM is not asked')
    .option('--user <name>', 'the user name that goes with --existing')
    .option('--secret-stdin', 'read the password for --existing from standard input, first line')
    .option('--reset <id>', 'after a lost answer: the one that has appeared in IAM gets a new password')
    .option(...NOTE)
    .action((name: string, options: ServiceOptions) => addService(cli, name, options));

  leaf(add, 'ssh-key <name>', 'an SSH key for CodeCommit, made in the vault', [
    'keyhold credential add ssh-key git-ssh --key deploy',
  ])
    .requiredOption(...KEY)
    .option(...NOTE)
    .action((name: string, options: { key: string; note?: string }) => addSshKey(cli, name, options));

  leaf(command, 'reveal <name>', 'print the password or private key, after the vault’s password', [
    'keyhold credential reveal mail',
    'keyhold credential reveal git-ssh --out ~/.ssh/codecommit_rsa',
  ])
    .option('-o, --out <file>', 'write it to a file that only you can read')
    .option('--force', 'replace the file')
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .option('--pin-file <file>', 'read the PIN of the security key from a file, first line')
    .action((name: string, options: RevealOptions) => reveal(cli, name, options));

  leaf(command, 'rename <name> <new-name>', 'call it something else', ['keyhold credential rename git git-old']).action(
    async (name: string, rename: string) => {
      const renamed = await cli.call('credential.update', { name, rename });
      cli.print(renamed, () => `${name} is called ${renamed.name} now.\n`);
    },
  );

  leaf(command, 'remove <name>', 'remove it here, and with --at-aws in IAM as well', [
    'keyhold credential remove git --at-aws',
  ])
    .alias('rm')
    .option('--at-aws', 'delete it in IAM first; without this it goes on working there')
    .option('-y, --yes', 'do not ask')
    .action((name: string, options: { atAws?: boolean; yes?: boolean }) => remove(cli, name, options));
};

async function remove(
  cli: Cli,
  name: string,
  { atAws = false, yes }: { atAws?: boolean; yes?: boolean },
): Promise<void> {
  const { type } = await cli.call('credential.get', { name });
  if (yes !== true) {
    const person = cli.needTerminal('Add --yes to remove it without being asked.');
    if (!(await person.confirm(questionOf(name, atAws || type === 'smtp'), false))) throw new Cancelled();
  }
  await withPrompts(cli, ['gate'], () => cli.call('credential.remove', { name, atAws }));
  const stays = atAws || type === 'smtp' ? '' : ' It goes on working in IAM until it is deleted there.';
  cli.print({ removed: name, atAws }, () => `${name} is removed.${stays}\n`);
}

function questionOf(name: string, nothingStays: boolean): string {
  return nothingStays
    ? `Remove ${name}?`
    : `Remove ${name} here? It goes on working in IAM, and what is secret about it is gone.`;
}
