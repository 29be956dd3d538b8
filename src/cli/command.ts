import { type Command, Option } from 'commander';
import type { Cli } from './cli.ts';

/** What a command's module exports: fills in arguments, options and what it does. */
export type Define = (command: Command, cli: Cli) => void;

/** The options every command takes, below its own. */
export function addCommonOptions(command: Command): Command {
  command.optionsGroup('Options of every command:');
  return command
    .option('--json', 'print one JSON document, with AWS’s field names')
    .option('--start', 'start Keyhold in the background if it is not running')
    .option('--no-input', 'never ask anything; fail instead')
    .option('--home <dir>', 'the vault’s folder (default: KEYHOLD_HOME or the platform’s data folder)')
    .option('--password-stdin', 'read the password from standard input, first line')
    .option('--password-file <file>', 'read the password from a file, first line')
    .helpOption('-h, --help', HELP);
}

export const HELP = 'explain this command';

/** Examples at the end of a command’s help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);
}

/** A subcommand that does something, with the common options and its examples. */
export function leaf(parent: Command, usage: string, summary: string, examples: readonly string[]): Command {
  const command = parent.command(usage).description(summary);
  command.copyInheritedSettings(parent);
  return withExamples(command, examples);
}

/** `--expires 8h`: a duration, as text; parsed where it is used so that the error is ours. */
export function expiresOption(what: string): Option {
  return new Option('--expires <duration>', what);
}
