import { accessKeyIdFault, type KeyForm, secretFault, wipe } from '../../client/import/credential-values.ts';
import { type PastedKey, parsePastedKey } from '../../client/import/pasted-key.ts';
import { collectTags } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { usageError } from '../errors.ts';
import { keyFormOf } from '../key-form.ts';
import { readFile } from '../read-file.ts';
import { table } from '../table.ts';
import { whichAccount } from '../which-account.ts';
import { age, relativeTime } from '../words.ts';

interface ImportOptions {
  account?: string;
  file?: string;
  tag?: Record<string, string>;
  note?: string;
  passwordStdin?: boolean;
}

export const define: Define = (command, cli) => {
  leaf(
    command,
    'import <name>',
    'put an access key into the vault; id and secret come from a prompt or standard input',
    [
      'keyhold key import deploy --account prod',
      'aws iam create-access-key --user-name deploy | keyhold key import deploy --account prod',
      "printf '%s\\n' AKIA… SECRET… | keyhold key import deploy --account prod   # two lines",
    ],
  )
    .option('--account <name>', 'the account it belongs to (default: the only one there is)')
    .option('--file <file>', 'read id and secret from a file instead of standard input')
    .option('--tag <name=value>', 'a tag (repeatable)', collectTags)
    .option('--note <text>', 'a note')
    .action(async (name: string, options: ImportOptions) => {
      const account = await whichAccount(cli, options.account);
      const key = await readKey(cli, options, account);
      try {
        const added = await cli.callSealed('key.import', async (seal) => ({
          name,
          account,
          accessKeyId: key.accessKeyId,
          secretAccessKey: await seal('secret-access-key', key.secretAccessKey),
          ...(key.sessionToken === undefined ? {} : { sessionToken: await seal('session-token', key.sessionToken) }),
          ...(options.tag === undefined ? {} : { tags: options.tag }),
          ...(options.note === undefined ? {} : { note: options.note }),
          source: 'stdin',
        }));
        cli.print(added, () => `Key ${added.name} (${added.accessKeyId}) is in the vault.\n`);
      } finally {
        wipe(key.secretAccessKey, key.sessionToken);
      }
    });

  leaf(command, 'list', 'list access keys', ['keyhold key list', 'keyhold key list --json']).action(async () => {
    const { keys } = await cli.call('key.list', {});
    const now = cli.now();
    cli.print({ keys }, () =>
      keys.length === 0
        ? 'No access keys yet. Bring some in with keyhold import aws or keyhold key import.\n'
        : table(
            [
              { title: 'Name' },
              { title: 'Account' },
              { title: 'Access key id', fixed: true },
              { title: 'Status', fixed: true },
              { title: 'Age', align: 'right', fixed: true },
              { title: 'Last used' },
              { title: 'Profiles' },
              { title: 'Tags' },
            ],
            keys.map((key) => [
              key.name,
              key.account,
              key.accessKeyId,
              key.status,
              age(key.issuedAt ?? key.createdAt, now),
              key.lastUsedAt === undefined ? 'never' : relativeTime(key.lastUsedAt, now),
              key.profiles.join(', '),
              Object.entries(key.tags)
                .map(([tag, value]) => `${tag}=${value}`)
                .join(' '),
            ]),
            { width: cli.width, header: cli.paint.dim },
          ),
    );
  });

  for (const [verb, status, done] of [
    ['disable', 'disabled', 'disabled: nothing signs with it until you enable it'],
    ['enable', 'active', 'enabled'],
  ] as const) {
    leaf(command, `${verb} <name>`, `${verb} an access key in the vault (AWS is not told)`, [
      `keyhold key ${verb} deploy`,
    ]).action(async (name: string) => {
      const key = await cli.call('key.update', { name, status });
      cli.print(key, () => `Key ${key.name} is ${done}.\n`);
    });
  }

  leaf(command, 'remove <name>', 'remove an access key from the vault (AWS is not told)', [
    'keyhold key remove old',
    'keyhold key remove old --cascade',
  ])
    .option('--cascade', 'also remove the profiles and clients that use it')
    .action(async (name: string, options: { cascade?: boolean }) => {
      await cli.call('key.remove', { name, ...(options.cascade === true ? { cascade: true } : {}) });
      cli.print({ removed: name }, () => `Key ${name} removed. It still exists at AWS until you delete it there.\n`);
    });
};

async function readKey(cli: Cli, options: ImportOptions, account: string): Promise<PastedKey> {
  if (options.file !== undefined) return readPasted(readFile(options.file), await keyFormOf(cli, account));
  if (!process.stdin.isTTY) {
    if (options.passwordStdin === true) {
      throw usageError('Standard input cannot hold both the password and the key. Use --password-file or --file.');
    }
    const { readStdin } = await import('../stdin-lines.ts');
    const form = await keyFormOf(cli, account);
    return readPasted(await readStdin('the key'), form);
  }
  const person = cli.needTerminal('Pipe the key in, or use --file.');
  const form = await keyFormOf(cli, account);
  const accessKeyId = (await person.ask('Access key id: ')).trim();
  const idFault = accessKeyIdFault(accessKeyId, form);
  if (idFault !== null) throw usageError(`${idFault[0]?.toUpperCase() ?? ''}${idFault.slice(1)}.`);
  const secretAccessKey = await person.askSecret('Secret access key: ');
  const fault = secretFault(secretAccessKey, form);
  if (fault !== null) {
    wipe(secretAccessKey);
    throw usageError(`${fault[0]?.toUpperCase() ?? ''}${fault.slice(1)}.`);
  }
  const token = accessKeyId.startsWith('ASIA') ? await person.askSecret('Session token: ') : new Uint8Array();
  return { accessKeyId, secretAccessKey, ...(token.length === 0 ? {} : { sessionToken: token }) };
}

function readPasted(bytes: Buffer, form: KeyForm): PastedKey {
  try {
    return parsePastedKey(bytes, form);
  } finally {
    bytes.fill(0);
  }
}
