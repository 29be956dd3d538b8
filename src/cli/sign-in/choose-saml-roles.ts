import type { SamlRoles } from '../../contract/saml.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { table } from '../table.ts';
import { parseChoice } from './choose-roles.ts';

export interface ChooseSamlOptions {
  all?: boolean;
  role?: string[];
}

type Offered = SamlRoles['roles'][number];
type Choice = Pick<Offered, 'roleArn' | 'principalArn'>;

/** Which offered roles become profiles: those that the options name, or that the person at the terminal picks. What has a profile already is left out. */
export async function chooseSamlRoles(cli: Cli, { roles }: SamlRoles, options: ChooseSamlOptions): Promise<Choice[]> {
  const { all, role: wanted } = options;
  if (all === true && wanted !== undefined) throw usageError('Give --all or --role, not both.');
  const strange = wanted?.find((one) => !roles.some((role) => isCalled(role, one)));
  if (strange !== undefined) throw usageError(`No role called ${strange} was offered. See keyhold saml roles.`);
  const named = wanted === undefined ? roles : roles.filter((role) => wanted.some((one) => isCalled(role, one)));
  const missing = named.filter(({ profile }) => profile === undefined);
  const chosen = missing.length === 0 || all === true || wanted !== undefined ? missing : await pick(cli, missing);
  return chosen.map(({ roleArn, principalArn }) => ({ roleArn, principalArn }));
}

function isCalled({ roleArn, roleName }: Offered, name: string): boolean {
  return roleArn === name || roleName === name;
}

async function pick(cli: Cli, roles: readonly Offered[]): Promise<Offered[]> {
  const person = cli.needTerminal('Say which roles: --all or --role NAME.');
  person.say(
    table(
      [
        { title: '#', align: 'right', fixed: true },
        { title: 'Account' },
        { title: 'Account id', fixed: true },
        { title: 'Role' },
      ],
      roles.map((one, index) => [String(index + 1), one.account ?? '', one.accountId, one.roleName]),
      { width: cli.width, header: cli.paint.dim },
    ),
  );
  for (;;) {
    const chosen = parseChoice(await person.ask('Which ones? Numbers like 1,3-5, or all: '), roles.length);
    if (chosen !== null) return chosen.flatMap((index) => roles[index] ?? []);
    person.say(`Type numbers from 1 to ${roles.length}, like 1,3-5, or all. Ctrl-C gives up.\n`);
  }
}
