import { type Define, withExamples } from '../command.ts';
import { type LoginOptions, runLogin } from '../sign-in/run-login.ts';
import { whichSignIn } from '../sign-in/which-sign-in.ts';
import { signedInText } from '../sign-in/words.ts';

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold login',
    'keyhold login corp --device   # with a code, in a browser anywhere',
    'keyhold login prod            # whatever the profile prod needs',
  ])
    .argument('[name]', 'a sign-in, or a profile that needs one (default: the only one there is)')
    .option('--device', 'sign in with a code; taken by itself over ssh and where there is no screen')
    .option('--no-browser', 'only print the address, and open nothing')
    .action(async (name: string | undefined, options: LoginOptions) => {
      const { name: signIn } = await whichSignIn(cli, name);
      const done = await runLogin(cli, signIn, options);
      cli.print(done, () => signedInText(done, cli.now()));
    });
};
