import { wipe } from '../client/import/credential-values.ts';
import { describeStrength, loadEstimator, refusePassword } from '../client/password-strength.ts';
import type { Cli } from './cli.ts';
import { usageError } from './errors.ts';

/** A new password, asked for twice, that is strong enough. The caller wipes it. Throws `InvalidInput`. */
export async function newPassword(cli: Cli, question: string): Promise<Uint8Array> {
  for (;;) {
    const password = await cli.password(question, 'The same again: ');
    const strength = describeStrength(new TextDecoder().decode(password), await loadEstimator());
    const refusal = refusePassword(strength);
    if (refusal === null) {
      if (strength.advice !== '') cli.note(`${strength.word}. ${strength.advice}`);
      return password;
    }
    wipe(password);
    if (cli.passwordGiven) throw usageError(refusal);
    cli.note(refusal);
  }
}
