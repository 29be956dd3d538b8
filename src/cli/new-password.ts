import { wipe } from '../client/import/credential-values.ts';
import { passwordStrength } from '../client/password-strength.ts';
import type { Cli } from './cli.ts';
import { usageError } from './errors.ts';

/** A new password, asked for twice, that is strong enough. The caller wipes it. Throws `InvalidInput`. */
export async function newPassword(cli: Cli, question: string): Promise<Uint8Array> {
  for (;;) {
    const password = await cli.password(question, 'The same again: ');
    const strength = await passwordStrength(new TextDecoder().decode(password));
    if (strength.acceptable) {
      if (strength.advice !== '') cli.note(`${strength.word}. ${strength.advice}`);
      return password;
    }
    wipe(password);
    const message =
      strength.word === 'Too short' ? strength.advice : `This password is too easy to guess. ${strength.advice}`;
    if (cli.passwordGiven) throw usageError(message);
    cli.note(message);
  }
}
