import type { Command } from 'commander';
import type { SignInType } from '../../contract/sign-ins.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';
import { signInOfType } from './sign-in-of-type.ts';

/** `keyhold sso|saml|oidc remove`; `what` has its article. */
export function defineRemove(
  command: Command,
  cli: Cli,
  { type, what, example }: { type: SignInType; what: string; example: string },
): void {
  leaf(command, 'remove <name>', `forget ${what}`, [example])
    .option('--cascade', 'also remove the profiles that work with it, and their clients')
    .action(async (name: string, options: { cascade?: boolean }) => {
      const { name: known } = await signInOfType(cli, type, name);
      await cli.call('signIn.remove', { name: known, ...(options.cascade === true ? { cascade: true } : {}) });
      cli.print({ removed: known }, () => `${known} is removed.\n`);
    });
}
