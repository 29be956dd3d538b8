import type { SignIn } from '../../contract/sign-ins.ts';
import { type Define, withExamples } from '../command.ts';
import { whichSignIn } from '../sign-in/which-sign-in.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold logout corp', 'keyhold logout'])
    .argument('[name]', 'a sign-in, or a profile that needs one (default: the only one that is signed in)')
    .addHelpText(
      'after',
      '\nTokens and credentials are forgotten here. AWS takes credentials of roles that somebody copied out until they expire.',
    )
    .action(async (name: string | undefined) => {
      const { name: signIn } = await whichSignIn(cli, name, isSignedIn);
      const done = await cli.call('signIn.logout', { name: signIn });
      cli.print({ signIn, ...done }, () =>
        done.loggedOut ? `Signed out of ${signIn}.\n` : `Nobody was signed in to ${signIn}.\n`,
      );
      if (done.problem !== undefined) {
        cli.note(`The other side was not told: ${done.problem}`);
      }
    });
};

/** What SAML gave is over within minutes; the sessions that it was for go on. */
function isSignedIn({ state, settings, signedInAt }: SignIn): boolean {
  return state === 'active' || (settings.type === 'saml' && signedInAt !== undefined);
}
