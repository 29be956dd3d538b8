import { randomBytes } from 'node:crypto';
import { generatePin } from '../../client/generate-pin.ts';
import { wipe } from '../../client/import/credential-values.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Token } from '../../contract/tokens.ts';
import type { Cli } from '../cli.ts';
import { changeUserPassword } from '../commands/hsm-users.ts';
import { usageError } from '../errors.ts';

export interface RotatePinOptions {
  generate?: boolean;
  pinFile?: string;
  finalTry?: boolean;
  settle?: boolean;
}

/** `keyhold rotate pin NAME`: another PIN at the token and in the vault, or the end of a change that was interrupted; of an HSM user, another password. */
export async function rotatePin(cli: Cli, name: string, options: RotatePinOptions): Promise<void> {
  const { generate, pinFile, finalTry, settle } = options;
  if (settle === true) {
    const settled = await cli.call('token.settlePin', { name });
    cli.print(settled, () => `${SETTLED[settled.kept](settled.token)}\n`);
    return;
  }
  if (generate === true && pinFile !== undefined) throw usageError('Give either --generate or --pin-file.');
  // Before a PIN is typed: a locked vault is unlocked first, and a wrong name is said.
  const label = await labelOf(cli, name);
  if (label === null) {
    if (generate === true)
      throw usageError(`${name} is a user of the HSM, who has to know the password: leave out --generate.`);
    await changeUserPassword(cli, name, pinFile);
    return;
  }
  const pin = generate === true ? generatePin(() => randomBytes(1)[0] ?? 0) : await asked(cli, label, pinFile);
  try {
    const token = await cli.callSealed('token.rotatePin', async (seal) => ({
      name,
      pin: await seal('token-pin', pin),
      ...(finalTry === true ? { finalTry: true } : {}),
    }));
    cli.print(token, () => `The token ${token.name} has its new PIN, and so has the vault.\n`);
    if (generate !== true) return;
    cli.note(
      'Nobody has seen it. Whoever needs the token without this vault has its security officer set another one.',
    );
  } finally {
    wipe(pin);
  }
}

/** Of the token; null where it is a user of the HSM who has the name. */
async function labelOf(cli: Cli, name: string): Promise<string | null> {
  try {
    return (await cli.call('token.status', { name })).label;
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code !== 'NotFound') throw error;
    const { users } = await cli.call('hsm.users', {});
    if (users.some((user) => user.name === name)) return null;
    throw new KeyholdError('NotFound', `There is neither a token nor a user of the HSM called ${name}.`);
  }
}

const SETTLED: Readonly<Record<'present' | 'next' | 'certain', (token: Token) => string>> = {
  present: ({ name }) => `The token ${name} has kept the PIN before, and so does the vault.`,
  next: ({ name }) => `The token ${name} has the new PIN, and so has the vault.`,
  certain: ({ name }) => `The PIN of ${name} is certain: no change of it was interrupted.`,
};

function asked(cli: Cli, label: string, pinFile: string | undefined): Promise<Uint8Array> {
  const anew = { onceMore: 'The same again: ', refuse: async () => null };
  return cli.withPasswordFile(pinFile, () => cli.password(`New PIN of the token ${label}: `, anew));
}
