import type { Found } from '../../things.ts';
import { BROWSER_PATIENCE_MS, codeChallenge, codeIn, REDIRECT_PATH, secretText } from '../code-flow.ts';
import { type Begun, type Login, type Redirect, type SignInParts, settingsOf } from '../driver.ts';
import { orAborted } from '../or-aborted.ts';
import { loginOf } from './login-of.ts';
import { placeOf } from './place.ts';
import { dropForgotten, isForgotten, type Registered, registered } from './register.ts';
import { requireWebAddress } from './require-web-address.ts';

interface Asked extends Registered {
  redirect: Redirect;
  /** base64url */
  verifier: Uint8Array;
}

/** The authorization code flow with PKCE (RFC 7636): the browser comes back to a port of this computer. */
export async function beginInBrowser(parts: SignInParts, signIn: Found<'signIn'>, signal: AbortSignal): Promise<Begun> {
  const { ports, outside } = parts;
  const settings = settingsOf(signIn, 'sso');
  const who = await registered(parts, signIn, 'browser');
  const verifier = Uint8Array.from(Buffer.from(secretText(parts)));
  const state = secretText(parts);
  const forget = (error: unknown): never => {
    for (const secret of [who.client.clientSecret, who.made?.secret, verifier]) secret?.fill(0);
    throw error;
  };
  const redirect = await outside.openRedirect({ path: REDIRECT_PATH, state }).catch(forget);
  try {
    const url = outside.sso.authorizeUrl(placeOf(settings), {
      clientId: who.client.clientId,
      redirectUri: redirect.uri,
      state,
      codeChallenge: codeChallenge(verifier),
      scopes: settings.scopes,
    });
    const expiresAt = ports.clock.now() + BROWSER_PATIENCE_MS;
    const attempt = { flow: 'browser' as const, url: requireWebAddress(url, settings), expiresAt };
    return { attempt, done: exchange(parts, signIn, { ...who, redirect, verifier }, signal) };
  } catch (error) {
    redirect.close();
    return forget(error);
  }
}

async function exchange(
  parts: SignInParts,
  signIn: Found<'signIn'>,
  { client, made, redirect, verifier }: Asked,
  signal: AbortSignal,
): Promise<Login> {
  const { ports, outside } = parts;
  const place = placeOf(settingsOf(signIn, 'sso'));
  try {
    const query = await orAborted(signal, redirect.arrived);
    const code = codeIn(query, signIn.value.name);
    const asked = ports.clock.now();
    const tokens = await outside.sso.createToken(place, client, {
      type: 'authorization_code',
      code: Uint8Array.from(Buffer.from(code)),
      redirectUri: redirect.uri,
      codeVerifier: verifier,
    });
    return loginOf(tokens, asked, made);
  } catch (error) {
    made?.secret.fill(0);
    // This code is lost with it.
    if (made === undefined && isForgotten(error)) await dropForgotten(parts, signIn.id, client.clientId);
    throw error;
  } finally {
    redirect.close();
    verifier.fill(0);
    client.clientSecret.fill(0);
  }
}
