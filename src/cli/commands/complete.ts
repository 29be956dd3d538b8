import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import type { Define } from '../command.ts';
import { createProgram } from '../program.ts';
import { print } from '../standard-output.ts';
import { printable } from '../text-width.ts';

/** Prints `candidate<TAB>help` lines for the word being typed, the last one. Says nothing when there is nothing to say. */
export const define: Define = (command, cli) => {
  command.argument('[words...]').action(async (words: string[]) => {
    const program = await createProgram(cli, 'all');
    const candidates = await complete(program, cli, words);
    print(candidates.map(([name, help]) => `${name}\t${help}\n`).join(''));
  });
};

type Candidate = readonly [name: string, help: string];

async function complete(program: Command, cli: Cli, words: readonly string[]): Promise<Candidate[]> {
  const typed = words.at(-1) ?? '';
  let at = program;
  const positionals: string[] = [];
  let optionName: string | undefined;
  for (const word of words.slice(0, -1)) {
    if (word === '--') return [];
    if (optionName !== undefined) {
      optionName = undefined;
      continue;
    }
    if (word.startsWith('-')) {
      const option = at.options.find((one) => one.long === word || one.short === word);
      optionName = option?.required === true ? option.attributeName() : undefined;
      continue;
    }
    const next = at.commands.find((one) => one.name() === word);
    if (next === undefined) positionals.push(word);
    else at = next;
  }
  const fits = (candidates: readonly Candidate[]): Candidate[] => candidates.filter(([name]) => name.startsWith(typed));
  if (optionName !== undefined) return fits(await names(cli, optionName));
  if (typed.startsWith('-'))
    return fits(at.options.filter((one) => !one.hidden).map((one) => [one.long ?? one.flags, one.description]));
  if (at.commands.length > 0) {
    const visible = at.commands.filter((one) => !one.name().startsWith('__'));
    return fits(visible.map((one) => [one.name(), one.description()]));
  }
  const argument = at.registeredArguments[positionals.length];
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return fits(argument.argChoices.map((one) => [one, '']));
  // `hsm login NAME` names an HSM user, who is listed under `login` itself.
  const group = at.parent?.name() ?? '';
  const parent = group === 'hsm' && at.name() === 'login' ? 'users' : group;
  const kind = ['login', 'logout'].includes(at.name()) && group !== 'hsm' ? 'signIn' : parent;
  // A name that is about to be made up cannot be completed.
  const isNew = ['add', 'init'].includes(at.name()) || (at.name() === 'import' && !SIGN_INS.has(group));
  if (argument.name() === 'name' && isNew) return [];
  return fits(await names(cli, argument.name() === 'name' ? kind : argument.name()));
}

/** Commands about one type of sign-in each. */
const SIGN_INS: ReadonlySet<string> = new Set(['sso', 'saml', 'oidc']);

/** Names from the vault, if it is open; a Tab key never asks and never starts anything. */
async function names(cli: Cli, kind: string): Promise<Candidate[]> {
  cli.neverAsk();
  if ((await cli.statusIfRunning())?.state !== 'unlocked') return [];
  const clean = (name: string, help: string): Candidate => [printable(name), printable(help)];
  switch (kind) {
    case 'profile':
    case 'sourceProfile':
      return (await cli.call('profile.list', {})).profiles.map((one) =>
        clean(one.name, `${one.account} ${one.region}`),
      );
    case 'account':
      return (await cli.call('account.list', {})).accounts.map((one) => clean(one.name, one.accountId));
    case 'key':
      return (await cli.call('key.list', {})).keys.map((one) => clean(one.name, one.accessKeyId));
    case 'client':
      return (await cli.call('client.list', {})).clients.map((one) => clean(one.name, one.purpose));
    case 'totp':
      return (await cli.call('totp.list', {})).devices.map((one) => clean(one.name, one.issuer));
    case 'signIn':
    case 'sso':
    case 'saml':
    case 'oidc':
      return (await cli.call('signIn.list', {})).signIns
        .filter(({ settings }) => kind === 'signIn' || settings.type === kind)
        .map((one) => clean(one.name, one.state));
    case 'users':
    case 'user':
      return (await cli.call('hsm.users', {})).users.map((one) => clean(one.name, one.role));
    default:
      return [];
  }
}
