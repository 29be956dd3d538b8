import { Option } from 'commander';
import type { Params } from '../../contract/methods.ts';
import { type Define, expiresOption, leaf } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { addClientKey } from '../issue-client-key.ts';
import { readFile } from '../read-file.ts';
import { facts, table } from '../table.ts';
import { relativeTime } from '../words.ts';

interface AddOptions {
  profile?: string;
  account?: string;
  root?: boolean;
  policy?: string;
  expires?: string;
}

function principalOf({ root, policy }: AddOptions): Params<'client.add'>['principal'] {
  if (policy !== undefined) return { type: 'policy', document: readFile(policy).toString('utf8') };
  return root === true ? { type: 'root' } : undefined;
}

export const define: Define = (command, cli) => {
  leaf(command, 'add <name>', 'make a client key for a tool; its secret is shown once', [
    'keyhold client add terraform --profile prod',
    'keyhold client add agent --profile sandbox --expires 8h --json',
    'keyhold client add root --account lab --root',
    'keyhold client add ci --account lab --policy ci-policy.json',
  ])
    .option('--profile <name>', 'the profile it may use')
    .option('--account <name>', 'or a local account, whose first profile gives the region')
    .addOption(new Option('--root', 'for a local account: be its root (the default there)').conflicts('policy'))
    .option('--policy <file>', 'for a local account: be a principal that may do what this IAM policy allows')
    .addOption(expiresOption('when it stops working, e.g. 8h or 30d (default: never)'))
    .action(async (name: string, options: AddOptions) => {
      if ((options.profile === undefined) === (options.account === undefined)) {
        throw usageError('Say which profile the client is for with --profile, or which local account with --account.');
      }
      const principal = principalOf(options);
      const key = await addClientKey(cli, {
        name,
        ...(options.profile === undefined ? {} : { profile: options.profile }),
        ...(options.account === undefined ? {} : { account: options.account }),
        ...(principal === undefined ? {} : { principal }),
        ...(options.expires === undefined ? {} : { expiresInSeconds: parseDuration(options.expires) }),
      });
      const { client } = key;
      cli.print(
        {
          name: client.name,
          profile: client.profile,
          account: client.account,
          principal: client.principal,
          ...(client.userName === undefined ? {} : { userName: client.userName }),
          accessKeyId: key.accessKeyId,
          secretAccessKey: key.secretAccessKey,
          region: key.region,
          endpointUrl: key.endpoint,
          ...(key.caBundle === undefined ? {} : { caBundle: key.caBundle }),
          ...(client.expiresAt === undefined ? {} : { expiration: client.expiresAt }),
        },
        () => `${facts([
          ['Access key id', key.accessKeyId],
          ['Secret access key', key.secretAccessKey],
          ['Endpoint URL', key.endpoint],
          ['Region', key.region],
          ...(client.userName === undefined ? [] : [['In policies', `user/keyhold/${client.userName}`] as const]),
          ['Expires', client.expiresAt === undefined ? 'never' : relativeTime(client.expiresAt, cli.now())],
        ])}
The secret is shown only now. It works at this endpoint and nowhere else.
`,
      );
    });

  leaf(command, 'list', 'list clients', ['keyhold client list', 'keyhold client list --all'])
    .option('--all', 'also those made for one run, and expired ones')
    .action(async (options: { all?: boolean }) => {
      const everything = (await cli.call('client.list', {})).clients;
      const clients =
        options.all === true || cli.json
          ? everything
          : everything.filter((one) => one.purpose === 'tool' || !one.expired);
      const now = cli.now();
      cli.print({ clients }, () =>
        clients.length === 0
          ? 'No clients yet. keyhold exec makes one for a single run; keyhold client add makes one for a tool.\n'
          : table(
              [
                { title: 'Name' },
                { title: 'For' },
                { title: 'Profile' },
                { title: 'Access key id', fixed: true },
                { title: 'State', fixed: true },
                { title: 'Expires' },
                { title: 'Last used' },
                { title: 'Requests', align: 'right' },
              ],
              clients.map((one) => [
                one.name,
                one.purpose,
                one.profile,
                one.accessKeyId,
                one.expired ? 'expired' : one.enabled ? 'enabled' : 'disabled',
                one.expiresAt === undefined ? 'never' : relativeTime(one.expiresAt, now),
                one.lastUsedAt === undefined ? 'never' : relativeTime(one.lastUsedAt, now),
                String(one.requests),
              ]),
              { width: cli.width, header: cli.paint.dim },
            ),
      );
    });

  for (const enabled of [false, true]) {
    const verb = enabled ? 'enable' : 'disable';
    leaf(command, `${verb} <name>`, `${verb} a client`, [`keyhold client ${verb} terraform`]).action(
      async (name: string) => {
        const client = await cli.call('client.update', { name, enabled });
        cli.print(
          client,
          () =>
            `Client ${client.name} is ${client.enabled ? 'enabled' : 'disabled: its key is refused from now on'}.\n`,
        );
      },
    );
  }

  leaf(command, 'remove <name>', 'remove a client: its key stops working at once', [
    'keyhold client remove terraform',
  ]).action(async (name: string) => {
    await cli.call('client.remove', { name });
    cli.print({ removed: name }, () => `Client ${name} removed.\n`);
  });
};
