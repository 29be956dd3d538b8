import { fold } from '../../client/import/vault-name.ts';
import type { SsoAccount } from '../../contract/sso.ts';
import type { Cli } from '../cli.ts';
import { Cancelled, usageError } from '../errors.ts';
import { table } from '../table.ts';
import { count } from '../words.ts';

export interface ChooseOptions {
  all?: boolean;
  role?: string[];
  account?: string[];
  yes?: boolean;
}

export interface ChosenRole {
  accountId: string;
  accountName: string;
  roleName: string;
}

/** Which roles become profiles: those that the options name, or that the person at the terminal picks. What has a profile already is left out. */
export async function chooseRoles(
  cli: Cli,
  accounts: readonly SsoAccount[],
  options: ChooseOptions,
): Promise<ChosenRole[]> {
  const missing = accounts.flatMap(({ accountId, accountName, roles }) =>
    roles.filter(({ profiles }) => profiles.length === 0).map(({ roleName }) => ({ accountId, accountName, roleName })),
  );
  const filtered = options.role !== undefined || options.account !== undefined;
  if (options.all === true && filtered) throw usageError('Give --all, or --role and --account, not both.');
  assertKnown(accounts, options);
  const wanted = filtered ? missing.filter((one) => fits(one, options)) : missing;
  if (wanted.length === 0) return [];
  if (options.all !== true && !filtered) return pick(cli, wanted);
  if (options.yes === true || cli.terminal() === null) return wanted;
  const person = cli.needTerminal('Add --yes to import without being asked.');
  person.say(listText(cli, wanted));
  if (!(await person.confirm(`Add ${count(wanted.length, 'profile')}?`, true))) throw new Cancelled();
  return wanted;
}

async function pick(cli: Cli, wanted: readonly ChosenRole[]): Promise<ChosenRole[]> {
  const person = cli.needTerminal('Say which roles: --all, --role NAME or --account NAME.');
  person.say(listText(cli, wanted));
  for (;;) {
    const typed = await person.ask('Which ones? Numbers like 1,3-5, or all: ');
    const chosen = parseChoice(typed, wanted.length);
    if (chosen !== null) return chosen.flatMap((index) => wanted[index] ?? []);
    person.say(`Type numbers from 1 to ${wanted.length}, like 1,3-5, or all. Ctrl-C gives up.\n`);
  }
}

/** Indexes of what was typed, in order and each once; null where it is something else, or nothing. */
export function parseChoice(typed: string, count: number): number[] | null {
  const text = typed.trim().toLowerCase();
  if (text === 'all') return Array.from({ length: count }, (_, index) => index);
  const chosen = new Set<number>();
  for (const part of text.split(/[\s,]+/).filter((one) => one !== '')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const from = Number(match?.[1] ?? 0);
    const to = Number(match?.[2] ?? from);
    if (match === null || from < 1 || to > count || to < from) return null;
    for (let number = from; number <= to; number++) chosen.add(number - 1);
  }
  return chosen.size === 0 ? null : [...chosen].sort((a, b) => a - b);
}

function listText(cli: Cli, roles: readonly ChosenRole[]): string {
  return table(
    [
      { title: '#', align: 'right', fixed: true },
      { title: 'Account' },
      { title: 'Account id', fixed: true },
      { title: 'Role' },
    ],
    roles.map((one, index) => [String(index + 1), one.accountName, one.accountId, one.roleName]),
    { width: cli.width, header: cli.paint.dim },
  );
}

function fits({ accountId, accountName, roleName }: ChosenRole, { role, account }: ChooseOptions): boolean {
  const ofRole = role === undefined || role.some((one) => fold(one) === fold(roleName));
  return (
    ofRole && (account === undefined || account.some((one) => one === accountId || fold(one) === fold(accountName)))
  );
}

/** A name with a typing mistake is no empty choice. */
function assertKnown(accounts: readonly SsoAccount[], { role, account }: ChooseOptions): void {
  const names = new Set(accounts.flatMap(({ roles }) => roles.map(({ roleName }) => fold(roleName))));
  const strange = role?.find((one) => !names.has(fold(one)));
  if (strange !== undefined) throw usageError(`Nobody has given you a role called ${strange}. See keyhold sso list.`);
  const unknown = account?.find(
    (one) => !accounts.some(({ accountId, accountName }) => accountId === one || fold(accountName) === fold(one)),
  );
  if (unknown !== undefined) throw usageError(`You have no role in an account ${unknown}. See keyhold sso list.`);
}
