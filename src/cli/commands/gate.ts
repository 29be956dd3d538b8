import { Argument, Option } from 'commander';
import type { Seal } from '../../client/client.ts';
import { wipe } from '../../client/import/credential-values.ts';
import type { GateEntry, GateTarget } from '../../contract/gates.ts';
import type { Params } from '../../contract/methods.ts';
import { collect } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { gateWords, parseTouch, whenWords } from '../gate-words.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { table } from '../table.ts';

type Kind = GateTarget['kind'];
const KINDS = ['key', 'profile', 'client', 'kms-key'] as const satisfies readonly Kind[];

interface ChangeOptions {
  byRecoveryCode?: boolean;
}

const LOST = ['--by-recovery-code', 'the security key is lost: loosen the gate with the recovery code'] as const;

function kindArgument(): Argument {
  return new Argument('<kind>', 'what kind of thing it is').choices(KINDS);
}

/** `keyhold gate set | show | remove`. */
export const define: Define = (command, cli) => {
  leaf(command, 'set', 'let something be used only with a touch of a security key', [
    'keyhold gate set key deploy --touch each',
    'keyhold gate set client terraform --touch 15m --key blue --key red',
    'keyhold gate set kms-key alias/backup --touch each',
  ])
    .addArgument(kindArgument())
    .argument('<name>', 'its name; of a KMS key the key id, the ARN or alias/…')
    .addOption(
      new Option('--touch <when>', '“each” for every single use, or how long one touch is enough: 15m').default('each'),
    )
    .option('--key <name>', 'only this security key; repeat it for others (default: any that is enrolled)', collect)
    .option(...LOST)
    .action(async (kind: Kind, name: string, options: ChangeOptions & { touch: string; key?: string[] }) => {
      const withinSeconds = parseTouch(options.touch);
      const gate = { target: { kind, name }, withinSeconds, keys: options.key ?? ('any' as const) };
      const entry = await changed(cli, options, (proof) =>
        cli.callSealed('gate.set', async (seal) => ({ ...gate, ...(await proof(seal)) })),
      );
      cli.print(entry, () => `${entry.name}: ${gateWords(entry.gate)}.\n`);
      cli.note(
        'Backups and account files from before a gate do not have it. Make a new backup with keyhold vault backup, and delete the older ones.',
      );
    });

  leaf(command, 'show', 'list what wants a touch', ['keyhold gate show']).action(async () => {
    const { gates } = await cli.call('gate.list', {});
    cli.print({ gates }, () => gatesText(gates, cli));
  });

  leaf(command, 'remove', 'let something be used without a touch again; that takes one', [
    'keyhold gate remove key deploy',
    'keyhold gate remove key deploy --by-recovery-code',
  ])
    .addArgument(kindArgument())
    .argument('<name>', 'its name')
    .option(...LOST)
    .action(async (kind: Kind, name: string, options: ChangeOptions) => {
      await changed(cli, options, (proof) =>
        cli.callSealed('gate.remove', async (seal) => ({ target: { kind, name }, ...(await proof(seal)) })),
      );
      cli.print({ removed: name }, () => `${name} needs no touch any more.\n`);
    });
};

type Proof = (seal: Seal) => Promise<Pick<Params<'gate.remove'>, 'authorize'>>;

/** Runs the change, with the recovery code where it is to stand in for the key. */
async function changed<T>(cli: Cli, options: ChangeOptions, run: (proof: Proof) => Promise<T>): Promise<T> {
  const code = options.byRecoveryCode === true ? await cli.password('Recovery code: ') : undefined;
  const proof: Proof = async (seal) =>
    code === undefined ? {} : { authorize: { factor: 'recovery-code', sealed: await seal('recovery-code', code) } };
  try {
    return await withPrompts(cli, ['gate'], () => run(proof));
  } finally {
    wipe(code);
  }
}

function gatesText(gates: readonly GateEntry[], cli: Cli): string {
  if (gates.length === 0) return 'Nothing wants a touch. keyhold gate set key NAME --touch each\n';
  return table(
    [{ title: 'Kind', fixed: true }, { title: 'Name' }, { title: 'Touch', fixed: true }, { title: 'Security keys' }],
    gates.map(({ kind, name, gate }) => [
      kind,
      name,
      whenWords(gate.withinSeconds),
      gate.keys === 'any' ? 'any' : gate.keys.join(', '),
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}
