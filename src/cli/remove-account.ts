import { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import type { Cli } from './cli.ts';
import { Cancelled } from './errors.ts';
import { count } from './words.ts';

export interface RemoveOptions {
  cascade?: boolean;
  keepTokenKeys?: boolean;
  destroyTokenKeys?: boolean;
}

type Fate = 'destroy' | 'keep';

/** What the refusal says of an account whose keys in tokens nobody has decided about. */
const Undecided = z.object({ tokenKeys: z.int(), tokens: z.array(z.string()) });

/** Asks what becomes of an account's keys in tokens, where it has some and no option says. */
export async function removeAccount(cli: Cli, name: string, options: RemoveOptions): Promise<void> {
  const remove = async (fate: Fate | undefined) => {
    const { tokenKeys } = await cli.call('account.remove', {
      name,
      ...(options.cascade === true ? { cascade: true } : {}),
      ...(fate === undefined ? {} : { tokenKeys: fate }),
    });
    const fields = fate === 'keep' ? { tokenKeysKept: tokenKeys } : { tokenKeysDestroyed: tokenKeys };
    cli.print({ removed: name, ...(tokenKeys === 0 ? {} : fields) }, () => {
      const keys = tokenKeys === 1 ? 'Its key in a token' : `Its ${tokenKeys} keys in tokens`;
      const became = fate === 'keep' ? `${tokenKeys === 1 ? 'stays' : 'stay'} there` : 'will be destroyed there';
      return `Account ${name} removed.${tokenKeys === 0 ? '' : ` ${keys} ${became}.`}\n`;
    });
  };
  const given = fateOf(options);
  try {
    await remove(given);
  } catch (error) {
    const undecided = error instanceof KeyholdError ? Undecided.safeParse(error.details) : undefined;
    const person = undecided?.success === true ? cli.terminal() : null;
    if (undecided?.success !== true || person === null) throw error;
    const { tokenKeys, tokens } = undecided.data;
    const where = `the ${tokens.length === 1 ? 'token' : 'tokens'} ${tokens.join(', ')}`;
    const question = `Destroy ${count(tokenKeys, 'key')} of ${name} in ${where}, for good? (--keep-token-keys leaves them there.)`;
    if (!(await person.confirm(question, false))) throw new Cancelled();
    await remove('destroy');
  }
}

function fateOf({ keepTokenKeys, destroyTokenKeys }: RemoveOptions): Fate | undefined {
  if (keepTokenKeys === true) return 'keep';
  return destroyTokenKeys === true ? 'destroy' : undefined;
}
