import { KeyholdError } from '../../../contract/errors.ts';
import type { SignInFlow } from '../../../contract/sign-ins.ts';
import type { Found } from '../../things.ts';
import { REDIRECT_PATH } from '../code-flow.ts';
import { type Registration, type SignInParts, settingsOf } from '../driver.ts';
import { withoutRegistration } from '../end-login.ts';
import { openKept } from '../keep-login.ts';
import type { SsoClient } from './aws-sso.ts';
import { placeOf } from './place.ts';

/** What people see on the page that asks whether to allow it. */
const CLIENT_NAME = 'Keyhold';
/** Without a port: the token service takes any port of the loopback address (RFC 8252 section 7.3). */
const REDIRECT_URI = `http://127.0.0.1${REDIRECT_PATH}`;
/** One that ends this soon would be gone before the login that it got has to be renewed. */
const LEAST_LEFT_MS = 24 * 3_600_000;

/** What this vault is to the token service; `made` where it is not kept yet. */
export interface Registered {
  client: SsoClient;
  made?: Registration;
}

/** The registration that is kept, if it is of this flow and lasts, else a new one. */
export async function registered(parts: SignInParts, signIn: Found<'signIn'>, flow: SignInFlow): Promise<Registered> {
  const { registration } = signIn.value;
  const lasts = registration?.flow === flow && registration.expiresAt - parts.ports.clock.now() > LEAST_LEFT_MS;
  if (!lasts || registration === undefined) return register(parts, signIn, flow);
  const { clientId, secret } = registration;
  return { client: { clientId, clientSecret: await openKept(parts.session, secret) } };
}

/** Does it with the registration that is kept, and once more with a new one where the token service has forgotten that. */
export async function asRegistered<T>(
  parts: SignInParts,
  signIn: Found<'signIn'>,
  flow: SignInFlow,
  work: (client: SsoClient) => Promise<T>,
): Promise<Registered & { result: T }> {
  const first = await registered(parts, signIn, flow);
  try {
    return { ...first, result: await work(first.client) };
  } catch (error) {
    wipe(first);
    if (first.made !== undefined || !isForgotten(error)) throw error;
  }
  const second = await register(parts, signIn, flow);
  try {
    return { ...second, result: await work(second.client) };
  } catch (error) {
    wipe(second);
    throw error;
  }
}

/** Where the token service has forgotten the registration that is kept, it goes: the next attempt makes a new one. */
export async function dropForgotten({ session }: SignInParts, id: string, clientId: string): Promise<void> {
  await session.write(
    'daemon',
    (draft) => {
      const value = session.things.get('signIn', id);
      if (value?.registration?.clientId !== clientId) return () => undefined;
      draft.put('signIn', id, withoutRegistration(draft, value));
      draft.record('signIn.update', value.name, { reason: 'the token service does not know this vault any more' });
      return () => undefined;
    },
    ['signIn'],
  );
}

function wipe({ client, made }: Registered): void {
  client.clientSecret.fill(0);
  made?.secret.fill(0);
}

async function register(parts: SignInParts, signIn: Found<'signIn'>, flow: SignInFlow): Promise<Registered> {
  const settings = settingsOf(signIn, 'sso');
  const { clientId, clientSecret, expiresAt } = await parts.outside.sso.registerClient(placeOf(settings), {
    clientName: CLIENT_NAME,
    scopes: settings.scopes,
    ...(flow === 'browser' ? { redirect: { uri: REDIRECT_URI, issuerUrl: settings.startUrl } } : {}),
  });
  const made = { flow, clientId, secret: Uint8Array.from(clientSecret), expiresAt };
  return { client: { clientId, clientSecret }, made };
}

export function isForgotten(error: unknown): boolean {
  const name = error instanceof KeyholdError ? error.details?.['name'] : undefined;
  return name === 'invalid_client' || name === 'unauthorized_client';
}
