import { resolve } from 'node:path';
import type { Command } from 'commander';
import { wipe } from '../../client/import/credential-values.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Token } from '../../contract/tokens.ts';
import { collectVariables } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';
import { facts, table } from '../table.ts';
import { age, count } from '../words.ts';

interface AddOptions {
  module: string;
  token: string;
  serial?: string;
  anySerial?: boolean;
  env?: Record<string, string>;
  pinFile?: string;
  finalTry?: boolean;
}

const FINAL_TRY = ['--final-try', 'try the PIN even if one more wrong one locks the token'] as const;
const PIN_FILE = ['--pin-file <file>', 'read the PIN from a file, first line'] as const;
const ENV = ['--env <name=value>', 'an environment variable for the module (repeatable)', collectVariables] as const;

/** `keyhold hsm token add | list | slots | test | pin | remove`. */
export function defineTokens(parent: Command, cli: Cli): void {
  leaf(parent, 'add <name>', 'add a PKCS#11 token: log in to it once, then keep its PIN in the vault', [
    'keyhold hsm token add lab --module /usr/lib/softhsm/libsofthsm2.so --token lab',
    'keyhold hsm token add cluster --module /opt/cloudhsm/lib/libcloudhsm_pkcs11.so --token hsm1 --any-serial',
  ])
    .requiredOption('--module <file>', 'the vendor’s PKCS#11 module; keyhold hsm token modules lists those it knows')
    .requiredOption('--token <label>', 'which token of the module; keyhold hsm token slots lists them')
    .option('--serial <number>', 'its serial number, where several have the label')
    .option('--any-serial', 'take any token with the label from now on: for clusters whose members differ in it')
    .option(...ENV)
    .option(...PIN_FILE)
    .option(...FINAL_TRY)
    .action(async (name: string, options: AddOptions) => {
      // Before the PIN is typed: a locked vault is unlocked first.
      await cli.call('token.list', {});
      await withPin(cli, options, `PIN of the token ${options.token}: `, async (pin) => {
        const added = await cli.callSealed('token.add', async (seal) => ({
          name,
          module: resolve(options.module),
          label: options.token,
          ...(options.env === undefined ? {} : { environment: options.env }),
          ...(options.serial === undefined ? {} : { serial: options.serial }),
          ...(options.anySerial === true ? { anySerial: true } : {}),
          ...(options.finalTry === true ? { finalTry: true } : {}),
          pin: await seal('token-pin', pin),
        }));
        cli.print(
          added,
          () =>
            `Token ${added.name} is in the vault, and AWS’s API calls it ${added.clusterId}. Try it: keyhold hsm token test ${quotedName(added.name)}\n`,
        );
      });
    });

  leaf(parent, 'list', 'list tokens and how their connections are', ['keyhold hsm token list']).action(async () => {
    const { tokens } = await cli.call('token.list', {});
    cli.print({ tokens }, () => (tokens.length === 0 ? NONE : tokenTable(tokens, cli)));
  });

  leaf(parent, 'modules', 'list the PKCS#11 modules of well-known vendors on this machine', [
    'keyhold hsm token modules',
  ]).action(async () => {
    const { modules } = await cli.call('token.modules', {});
    cli.print({ modules }, () =>
      modules.length === 0
        ? 'None of the places that vendors use has one. Give --module the path of yours.\n'
        : table(
            [{ title: 'Vendor' }, { title: 'Module', fixed: true }],
            modules.map(({ vendor, path }) => [vendor, path]),
            { width: cli.width, header: cli.paint.dim },
          ),
    );
  });

  leaf(parent, 'slots', 'load a module, in a process of its own, and list its tokens', [
    'keyhold hsm token slots --module /usr/lib/softhsm/libsofthsm2.so',
  ])
    .requiredOption('--module <file>', 'the vendor’s PKCS#11 module')
    .option(...ENV)
    .action(async (options: Pick<AddOptions, 'module' | 'env'>) => {
      const inspected = await cli.call('token.inspect', {
        module: resolve(options.module),
        ...(options.env === undefined ? {} : { environment: options.env }),
      });
      const { module, tokens } = inspected;
      cli.print(inspected, () => {
        const head = `${module.description} ${module.version} by ${module.manufacturer}: ${count(tokens.length, 'token')}.\n`;
        if (tokens.length === 0) return head;
        const rows = tokens.map((one) => [
          one.label,
          one.serial,
          one.model,
          one.initialized ? PIN_WORDS[one.pin] : 'not initialised',
        ]);
        return (
          head +
          table(
            [{ title: 'Label' }, { title: 'Serial number', fixed: true }, { title: 'Model' }, { title: 'PIN' }],
            rows,
            { width: cli.width, header: cli.paint.dim },
          )
        );
      });
    });

  leaf(parent, 'test <name>', 'connect to a token now, whatever went wrong before, and try it out', [
    'keyhold hsm token test lab',
  ])
    .option(...FINAL_TRY)
    .action(async (name: string, options: { finalTry?: boolean }) => {
      const tested = await cli.call('token.test', { name, ...(options.finalTry === true ? { finalTry: true } : {}) });
      const { facts: token, mechanisms, aesGcm } = tested;
      cli.print(tested, () =>
        facts([
          ['Token', `${token.label}, serial number ${token.serial}`],
          ['Made by', `${token.manufacturer}: ${token.model}, firmware ${token.firmwareVersion}`],
          ['PIN', PIN_WORDS[token.pin]],
          ['AES-256-GCM', aesGcm.ok ? 'encrypts and decrypts' : aesGcm.message],
          ['Mechanisms', count(mechanisms.length, 'mechanism')],
          ['AWS calls it', tested.token.clusterId],
        ]),
      );
    });

  leaf(parent, 'pin <name>', 'give the vault another PIN for a token, after logging in with it', [
    'keyhold hsm token pin lab',
  ])
    .option(...PIN_FILE)
    .option(...FINAL_TRY)
    .action(async (name: string, options: Pick<AddOptions, 'pinFile' | 'finalTry'>) => {
      const { label } = await cli.call('token.status', { name });
      await withPin(cli, options, `PIN of the token ${label}: `, async (pin) => {
        const changed = await cli.callSealed('token.setPin', async (seal) => ({
          name,
          pin: await seal('token-pin', pin),
          ...(options.finalTry === true ? { finalTry: true } : {}),
        }));
        cli.print(changed, () => `The vault has the PIN of ${changed.name}, and the token takes it.\n`);
      });
    });

  leaf(parent, 'remove <name>', 'forget a token and its PIN; the keys in it stay there', [
    'keyhold hsm token remove lab',
  ]).action(async (name: string) => {
    await cli.call('token.remove', { name });
    cli.print({ removed: name }, () => `Token ${name} is forgotten. Its keys are still in it.\n`);
  });
}

const NONE = 'No tokens yet. Add one with keyhold hsm token add.\n';

const PIN_WORDS: Readonly<Record<'ok' | 'low' | 'final-try' | 'locked', string>> = {
  ok: 'well',
  low: 'a wrong one was entered lately',
  'final-try': 'ONE MORE WRONG ONE LOCKS IT',
  locked: 'LOCKED',
};

function tokenTable(tokens: readonly Token[], cli: Cli): string {
  const leftovers = tokens.flatMap(({ name, keysToDestroy: left }) =>
    left === undefined ? [] : [`Still to be destroyed in ${name}: ${count(left, 'key')} of deleted KMS keys.\n`],
  );
  return leftovers.reduce((text, line) => text + line, tokenRows(tokens, cli));
}

function tokenRows(tokens: readonly Token[], cli: Cli): string {
  return table(
    [
      { title: 'Name' },
      { title: 'Token' },
      { title: 'Connection' },
      { title: 'AWS calls it', fixed: true },
      { title: 'Key stores' },
      { title: 'Age', align: 'right', fixed: true },
      { title: 'Module' },
    ],
    tokens.map((one) => [
      one.name,
      one.serial === null ? one.label : `${one.label} (${one.serial})`,
      connectionWords(one.connection),
      one.clusterId,
      one.keyStores.join(', '),
      age(one.createdAt, cli.now()),
      one.module,
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}

function connectionWords(connection: Token['connection']): string {
  switch (connection.state) {
    case 'idle':
      return 'not needed yet';
    case 'connecting':
      return 'being made';
    case 'ready':
      return 'well';
    case 'away':
    case 'refused':
      return connection.message;
  }
}

/** The PIN from --pin-file, from standard input or from a prompt; wiped afterwards. */
async function withPin(
  cli: Cli,
  options: Pick<AddOptions, 'pinFile'>,
  question: string,
  use: (pin: Uint8Array) => Promise<void>,
): Promise<void> {
  const pin = await cli.withPasswordFile(options.pinFile, () => cli.password(question));
  try {
    await use(pin);
  } finally {
    wipe(pin);
  }
}
