import { Command, type Option } from 'commander';
import type { Cli, CommonOptions } from './cli.ts';
import { addCommonOptions, HELP } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { print } from './standard-output.ts';

/**
 * The command tree. Only the commands in `load` are filled in ('all' for completion); the others are there for the help and
 * for suggestions.
 */
export async function createProgram(cli: Cli, load: ReadonlySet<string> | 'all'): Promise<Command> {
  const program = new Command('keyhold')
    .description('A vault for AWS access keys that signs for your tools, so that they never hold a real key.')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('Add --help to see how it is used.')
    .configureHelp({
      helpWidth: process.stdout.isTTY ? Math.min(process.stdout.columns, 100) : 100,
      showGlobalOptions: false,
      subcommandTerm,
      optionDescription,
    })
    .helpOption('-h, --help', HELP)
    .option('-V, --version', 'print the version')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Start here:
  $ keyhold init
  $ keyhold import aws
  $ keyhold exec prod -- aws s3 ls

keyhold COMMAND --help shows examples; keyhold help exit-codes lists the exit codes.`,
    );
  for (const entry of COMMANDS) {
    const command = new Command(entry.name).description(entry.summary);
    command.copyInheritedSettings(program);
    program.addCommand(command, { hidden: entry.hidden === true });
    if (load === 'all' ? entry.hidden === true : !load.has(entry.name)) continue;
    const { define } = await entry.load();
    define(command, cli);
    if (command.commands.length > 0) command.helpCommand('help [command]', 'explain one of these');
  }
  addHelp(program);
  for (const command of leaves(program)) addCommonOptions(command);
  program.hook('preAction', (_program, action) => cli.configure(action.opts<CommonOptions>()));
  return program;
}

/** With the default as people write it, and with what cannot be left out. */
function optionDescription(option: Option): string {
  const preset: unknown = option.defaultValue;
  if (typeof preset === 'string' || typeof preset === 'number') return `${option.description} (default: ${preset})`;
  return option.mandatory ? `${option.description} (needed)` : option.description;
}

/** Names only: what a command takes is in its own help. */
function subcommandTerm(command: Command): string {
  const args = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  return [command.name(), ...args].join(' ');
}

function addHelp(program: Command): void {
  const help = new Command('help')
    .argument('[command...]', 'a command, or exit-codes')
    .description('explain a command or the exit codes');
  help.copyInheritedSettings(program);
  help.action((path: string[]) => {
    if (path[0] === 'exit-codes') {
      print(EXIT_CODES_HELP);
      return;
    }
    let at = program;
    for (const name of path) {
      at =
        at.commands.find((command) => command.name() === name) ??
        program.error(`error: there is no command "${path.join(' ')}". "keyhold help" lists them all.`, {
          code: 'commander.unknownCommand',
        });
    }
    at.outputHelp();
  });
  program.addCommand(help);
}

/** Commands that do something themselves. */
export function leaves(command: Command): Command[] {
  if (command.commands.length === 0) return [command];
  return command.commands.flatMap(leaves);
}
