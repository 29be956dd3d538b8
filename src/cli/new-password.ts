import { describeStrength, loadEstimator, refusePassword, type Strength } from '../client/password-strength.ts';
import type { Cli } from './cli.ts';

/** A new password, asked for twice, that is strong enough. The caller wipes it. Throws `InvalidInput`. */
export async function newPassword(cli: Cli, question: string): Promise<Uint8Array> {
  // While the first one is typed: keys pressed between two prompts would show.
  const loading = loadEstimator();
  loading.catch(() => undefined);
  let strength: Strength | undefined;
  const password = await cli.password(question, {
    onceMore: 'The same again: ',
    async refuse(candidate) {
      strength = describeStrength(new TextDecoder().decode(candidate), await loading);
      return refusePassword(strength);
    },
  });
  if (strength !== undefined && strength.advice !== '') cli.note(`${strength.word}. ${strength.advice}`);
  return password;
}
