import { type Command, CommanderError } from 'commander';
import { createCli } from './cli.ts';
import { COMMANDS } from './commands.ts';
import { Cancelled, describeError, ExitWith } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { safeText } from './output.ts';
import { createProgram } from './program.ts';
import { print } from './standard-output.ts';

/** Runs one command line and answers its exit code. Never throws. */
export async function run(args: readonly string[]): Promise<number> {
  const own = ownArguments(args);
  const cli = createCli();
  try {
    const named = namedCommands(own);
    if (named.length === 0 && (own.includes('-V') || own.includes('--version'))) {
      const { VERSION } = await import('./version.ts');
      print(`keyhold ${VERSION}\n`);
      return EXIT.ok;
    }
    const program = await createProgram(cli, new Set(named));
    configureErrors(program, own.includes('--json'));
    if (args.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return report(error, args);
  } finally {
    cli.close();
  }
}

/** Without those of the command that `exec` runs. */
function ownArguments(args: readonly string[]): readonly string[] {
  return args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
}

/** The commands named on the command line: the first, and after `help` the second. */
function namedCommands(args: readonly string[]): string[] {
  const words = args.filter((word) => !word.startsWith('-'));
  const wanted = words[0] === 'help' ? words.slice(0, 2) : words.slice(0, 1);
  return wanted.filter((word) => COMMANDS.some((entry) => entry.name === word));
}

function configureErrors(command: Command, wantsJson: boolean): void {
  command.configureOutput({
    writeOut: print,
    writeErr: (text) => {
      if (!wantsJson) process.stderr.write(text);
    },
    outputError: (text, write) => write(`keyhold: ${inOurWords(text)}\n`),
  });
  for (const child of command.commands) configureErrors(child, wantsJson);
}

/** The parser's errors as the others are: `error: unknown command 'ini'\n(Did you mean init?)` is `Unknown command "ini". Did you mean init?` */
function inOurWords(text: string): string {
  const [what = '', ...hints] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1)}`
    .replaceAll(/'([^']*)'/g, '"$1"')
    .replace(/[^.!?]$/, '$&.');
  return [sentence, ...hints.map((hint) => hint.replace(/^\((.*)\)$/, '$1'))].join(' ');
}

/** Says what ended the command line, and answers its exit code. */
export function report(error: unknown, args: readonly string[]): number {
  const wantsJson = ownArguments(args).includes('--json');
  if (error instanceof ExitWith) return error.code;
  if (error instanceof Cancelled) {
    process.stderr.write('\n');
    return EXIT.interrupted;
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    if (wantsJson) writeJsonError({ code: 'InvalidInput', message: inOurWords(error.message) });
    return EXIT.usage;
  }
  const { wire, exitCode } = describeError(error);
  if (wantsJson) writeJsonError(wire);
  else process.stderr.write(`keyhold: ${safeText(wire.message)}\n`);
  if (process.env['KEYHOLD_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return exitCode;
}

function writeJsonError(wire: { code: string; message: string; details?: unknown }): void {
  process.stderr.write(`${JSON.stringify(wire)}\n`);
}
