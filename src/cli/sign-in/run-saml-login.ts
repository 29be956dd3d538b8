import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Renewed } from '../../contract/saml.ts';
import type { SignIn } from '../../contract/sign-ins.ts';
import type { Cli } from '../cli.ts';
import { safeText } from '../output.ts';
import { readSamlResponse, type SamlResponseOptions } from './read-saml-response.ts';
import { finished } from './run-login.ts';

/** Signs in by SAML, in a window of the app or with what a browser elsewhere would have posted, and says which profiles have new sessions. */
export async function runSamlLogin(cli: Cli, signIn: SignIn, options: SamlResponseOptions): Promise<void> {
  const { name } = signIn;
  const samlResponse = await readSamlResponse(options);
  if (samlResponse !== undefined) return deliver(cli, name, samlResponse);
  const { shell } = await cli.call('status.get', {});
  if (shell !== 'electron') throw withoutWindow(signIn);
  const attempt = await cli.call('signIn.begin', { name, flow: 'browser' });
  cli.note(`Sign in to ${name} in the window that Keyhold has opened.`);
  const done = await finished(cli, attempt);
  const { roles } = await cli.call('saml.roles', { name });
  cli.print(done, () => `Signed in to ${name}: ${roleCount(roles.length)}.\n${nextText(name, done.profiles.length)}`);
}

async function deliver(cli: Cli, name: string, samlResponse: string): Promise<void> {
  const { id } = await cli.call('signIn.begin', { name, flow: 'device' });
  try {
    const done = await cli.call('saml.deliver', { id, samlResponse });
    const who = done.who === undefined || done.who === '' ? '' : ` as ${safeText(done.who)}`;
    cli.print(
      done,
      () =>
        `Signed in to ${name}${who}: ${roleCount(done.roles.length)}.\n${renewedText(done)}${nextText(name, done.renewed.length + done.refused.length)}`,
    );
  } catch (error) {
    await cli.call('signIn.cancel', { id }).catch(() => undefined);
    throw error;
  }
}

/** What became of profiles that work with it. */
export function renewedText({ renewed, refused }: Renewed): string {
  const good = renewed.length === 0 ? '' : `New sessions: ${renewed.join(', ')}\n`;
  return good + refused.map(({ profile, message }) => `No session for ${profile}: ${safeText(message)}\n`).join('');
}

function nextText(name: string, profiles: number): string {
  return profiles > 0
    ? ''
    : `No profile works with it yet. Within the next five minutes: keyhold saml import ${quotedName(name)}\n`;
}

function roleCount(count: number): string {
  return count === 1 ? 'one role is offered' : `${count} roles are offered`;
}

/** AWS's address for SAML is fixed, so no page can come back to this computer as with other sign-ins. */
function withoutWindow({ name, settings }: SignIn): KeyholdError {
  const url = settings.type === 'saml' ? settings.startUrl : '';
  return new KeyholdError(
    'Unsupported',
    `What the identity provider sends goes to AWS and not to this computer; only the Keyhold app has a window that catches it, and Keyhold runs without the app. Start the app, or open ${url} in a browser with its developer tools, copy the form field SAMLResponse of the request to signin.aws.amazon.com/saml within five minutes, and pass it on: keyhold login ${quotedName(name)} --saml-response-stdin`,
  );
}
