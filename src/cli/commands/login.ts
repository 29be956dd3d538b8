import { type Define, withExamples } from '../command.ts';
import { usageError } from '../errors.ts';
import type { SamlResponseOptions } from '../sign-in/read-saml-response.ts';
import { type LoginOptions, runLogin } from '../sign-in/run-login.ts';
import { runSamlLogin } from '../sign-in/run-saml-login.ts';
import { whichSignIn } from '../sign-in/which-sign-in.ts';
import { signedInText } from '../sign-in/words.ts';

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold login',
    'keyhold login corp --device   # with a code, in a browser anywhere',
    'keyhold login prod            # whatever the profile prod needs',
    'keyhold login work --saml-response-file response.txt',
  ])
    .argument('[name]', 'a sign-in, or a profile that needs one (default: the only one that is not signed in)')
    .option('--device', 'sign in with a code; taken by itself over ssh and where there is no screen')
    .option('--no-browser', 'only print the address, and open nothing')
    .option('--saml-response-stdin', 'read the form field SAMLResponse from standard input')
    .option('--saml-response-file <file>', 'read it from a file')
    .addHelpText(
      'after',
      '\nSAML: what an identity provider sends goes to a fixed address of AWS and cannot come back to this computer. The Keyhold app catches it in a window of its own, which this command opens while the app runs; without the app, take the form field SAMLResponse out of a browser’s developer tools within five minutes.',
    )
    .action(async (name: string | undefined, options: LoginOptions & SamlResponseOptions) => {
      // Who types no name means what does not work at present.
      const signIn = await whichSignIn(cli, name, ({ state }) => state !== 'active');
      if (signIn.settings.type === 'saml') {
        if (options.device === true || options.browser === false) {
          throw usageError(`${signIn.name} is a SAML sign-in: --device and --no-browser are of no use with it.`);
        }
        return runSamlLogin(cli, signIn, options);
      }
      if (options.samlResponseStdin === true || options.samlResponseFile !== undefined) {
        throw usageError(`${signIn.name} is no SAML sign-in, and takes no SAML response.`);
      }
      const done = await runLogin(cli, signIn, options);
      cli.print(done, () => signedInText(done, cli.now()));
    });
};
