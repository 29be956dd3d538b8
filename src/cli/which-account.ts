import { KeyholdError } from '../contract/errors.ts';
import type { Cli } from './cli.ts';
import { usageError } from './errors.ts';

/**
 * The account that a key goes into: the one that was named, else the only one there is; where there are several, the person says. Throws `NotFound` when
 * there is none, and `InvalidInput` when nobody can be asked.
 */
export async function whichAccount(cli: Pick<Cli, 'call' | 'terminal'>, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const { accounts } = await cli.call('account.list', {});
  const names = accounts.filter((account) => account.kind === 'remote').map((account) => account.name);
  const [first, ...others] = names;
  if (first === undefined) {
    throw new KeyholdError(
      'NotFound',
      'There is no account for the key yet. Make one: keyhold account add prod --remote --id 123456789012',
    );
  }
  if (others.length === 0) return first;
  const person = cli.terminal();
  if (person === null) throw usageError(`Say with --account which account the key belongs to: ${names.join(', ')}.`);
  for (;;) {
    const typed = await person.ask(`Account (${names.join(', ')}): `);
    const found = names.find((name) => name.toLowerCase() === typed.toLowerCase());
    if (found !== undefined) return found;
    person.say(`There is no account called ${typed}.\n`);
  }
}
