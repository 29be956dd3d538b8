import { Option } from 'commander';
import { quotedName } from '../../contract/quoted-name.ts';
import { accountId } from '../arguments.ts';
import { type Define, leaf } from '../command.ts';
import { Cancelled } from '../errors.ts';
import { type ExportOptions, exportAccount } from '../export-account.ts';
import { type ImportOptions, importAccount } from '../import-account.ts';
import { type RemoveOptions, removeAccount } from '../remove-account.ts';
import { BY_KEY, BY_RECOVERY_CODE } from '../security-keys/authorized.ts';
import { table } from '../table.ts';
import { age } from '../words.ts';

interface AddOptions {
  id: string;
  local?: boolean;
  endpointUrl?: string;
  insecureEndpoint?: boolean;
  region?: string;
  note?: string;
}

export const define: Define = (command, cli) => {
  leaf(command, 'add <name>', 'add an AWS account', [
    'keyhold account add prod --remote --id 123456789012',
    'keyhold account add minio --remote --id 000000000000 --endpoint-url http://127.0.0.1:9000',
    'keyhold account add lab --local --id 123456789012',
  ])
    .addOption(
      new Option('--remote', 'a real AWS account, or an S3-compatible or test endpoint (the default)').conflicts(
        'local',
      ),
    )
    .option(
      '--local',
      'an account that lives in this vault, with services of its own; makes a profile of the same name',
    )
    .requiredOption('--id <id>', 'its 12-digit account id', accountId)
    .option('--endpoint-url <url>', 'send its requests there instead of to AWS')
    .option(
      '--insecure-endpoint',
      'allow an http:// endpoint on another machine: everything crosses the network unencrypted',
    )
    .option('--region <region>', 'the region of a local account’s profile (default: us-east-1)')
    .option('--note <text>', 'a note')
    .action(async (name: string, options: AddOptions) => {
      const account = await cli.call('account.add', {
        name,
        accountId: options.id,
        kind: options.local === true ? 'local' : 'remote',
        ...(options.endpointUrl === undefined ? {} : { endpointUrl: options.endpointUrl }),
        ...(options.insecureEndpoint === true ? { insecureEndpoint: true } : {}),
        ...(options.region === undefined ? {} : { region: options.region }),
        ...(options.note === undefined ? {} : { note: options.note }),
      });
      const next =
        account.kind === 'local' ? ` Try: keyhold exec ${quotedName(account.name)} -- aws kms list-keys` : '';
      cli.print(account, () => `Account ${account.name} (${account.accountId}) added.${next}\n`);
    });

  leaf(command, 'list', 'list accounts', ['keyhold account list', 'keyhold account list --json']).action(async () => {
    const { accounts } = await cli.call('account.list', {});
    cli.print({ accounts }, () =>
      accounts.length === 0
        ? 'No accounts yet. Add one with keyhold account add, or keyhold import aws.\n'
        : table(
            [
              { title: 'Name' },
              { title: 'Account id', fixed: true },
              { title: 'Endpoint' },
              { title: 'Age' },
              { title: 'Note' },
            ],
            accounts.map((one) => [
              one.name,
              one.accountId,
              one.kind === 'local' ? 'this vault' : (one.endpointUrl ?? 'AWS'),
              age(one.createdAt, cli.now()),
              one.note ?? '',
            ]),
            { width: cli.width, header: cli.paint.dim },
          ),
    );
  });

  leaf(command, 'reset <name>', 'empty a local account: destroy every key and all else that its services hold', [
    'keyhold account reset lab',
    'keyhold account reset lab --yes',
  ])
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => {
      const question = `Destroy all that the services of ${name} hold, every KMS key with it, those in tokens too?`;
      if (options.yes !== true) {
        const person = cli.needTerminal('Add --yes to empty it without being asked.');
        if (!(await person.confirm(question, false))) throw new Cancelled();
      }
      const { removed } = await cli.call('account.reset', { name });
      cli.print({ name, removed }, () => `Account ${name} is empty: ${removed} records are gone.\n`);
    });

  leaf(command, 'export <name>', 'write a local account with all its keys to one encrypted file; it stays here too', [
    'keyhold account export lab -o lab.keyhold-account',
    "printf '%s\\n%s\\n' PASSWORD PASSPHRASE | keyhold account export lab -o lab.keyhold-account --password-stdin",
  ])
    .requiredOption('-o, --output <file>', 'where to')
    .option('--overwrite', 'replace the file if it exists')
    .option('--passphrase-file <file>', 'read the passphrase for the file from a file, first line')
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .option('--pin-file <file>', 'read the PIN of the security key from a file, first line')
    .action((name: string, options: ExportOptions) => exportAccount(cli, name, options));

  leaf(command, 'import <file>', 'take in a local account from such a file: all of it or nothing', [
    'keyhold account import lab.keyhold-account',
    'keyhold account import lab.keyhold-account --name lab2',
    'keyhold account import lab.keyhold-account --passphrase-file passphrase.txt --json',
  ])
    .option('--name <name>', 'what to call it here')
    .option('--passphrase-file <file>', 'read the passphrase of the file from a file, first line')
    .action((file: string, options: ImportOptions) => importAccount(cli, file, options));

  leaf(command, 'remove <name>', 'remove an account', [
    'keyhold account remove old',
    'keyhold account remove old --cascade',
    'keyhold account remove lab --cascade --keep-token-keys   # to import its file again',
  ])
    .option('--cascade', 'also remove its keys, profiles, clients and what a local account holds')
    .addOption(
      new Option('--keep-token-keys', 'leave its keys in PKCS#11 tokens where they are').conflicts('destroyTokenKeys'),
    )
    .option('--destroy-token-keys', 'destroy its keys in PKCS#11 tokens for good, without being asked')
    .action((name: string, options: RemoveOptions) => removeAccount(cli, name, options));
};
