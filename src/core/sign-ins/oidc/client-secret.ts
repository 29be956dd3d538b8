import { KeyholdError } from '../../../contract/errors.ts';
import { quotedName } from '../../../contract/quoted-name.ts';
import type { Sealed } from '../../../contract/schemas.ts';
import type { SignInSettings } from '../../../contract/sign-ins.ts';
import type { Draft } from '../../draft.ts';
import type { Session } from '../../session.ts';
import type { Found } from '../../things.ts';
import { type SignInParts, settingsOf } from '../driver.ts';
import { openKept } from '../keep-login.ts';
import type { SignInRecord } from '../record.ts';
import type { OidcClient } from './oidc-providers.ts';

/** What a provider answers where it does not take who the vault says it is. */
const NOT_TAKEN: ReadonlySet<unknown> = new Set(['invalid_client', 'unauthorized_client']);

interface Change {
  name: string;
  before: Pick<SignInRecord, 'settings' | 'clientSecret'> | undefined;
  settings: SignInSettings;
  given: Sealed | undefined;
}

/**
 * Drafts what becomes of a client's secret with its settings: a new one is kept in the place of the one before, and one is never shown to another provider, nor for another client, than those
 * it was given for. Throws `InvalidInput` where one is missing, or there is nothing to use it for.
 */
export async function changeClientSecret(
  { ports, session }: Pick<SignInParts, 'ports' | 'session'>,
  draft: Draft,
  { name, before, settings, given }: Change,
): Promise<Pick<SignInRecord, 'clientSecret'>> {
  const kept = before?.clientSecret;
  const wanted = settings.type === 'oidc' && settings.clientAuth !== undefined;
  if (!wanted && given !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `clientSecret: ${name} has no use for one; say with clientAuth how it is shown, or leave it out.`,
    );
  }
  const stays = wanted && given === undefined && before !== undefined && isSameClient(before.settings, settings);
  if (stays && kept !== undefined) return { clientSecret: kept };
  if (kept !== undefined) draft.removeObject(kept.id);
  if (!wanted) return {};
  if (given === undefined) {
    throw new KeyholdError(
      'InvalidInput',
      before?.clientSecret === undefined
        ? `clientSecret: give the secret of the client, or leave clientAuth out if ${name} has none.`
        : `clientSecret: ${name} would be another client, and the secret of the present one is not shown to that. Give its own in the same change (--client-secret), or say that it has none (--no-client-secret).`,
    );
  }
  const { attributes, blob } = await session.hsm.call('importObject', {
    id: session.newId(),
    sealed: given,
    purpose: 'oidc-client-secret',
    attributes: {
      class: 'data',
      spec: 'GENERIC_SECRET',
      usage: [],
      extractable: false,
      label: `${name} client secret`,
      createdAt: ports.clock.now(),
      policy: {},
    },
  });
  draft.putObject(attributes.id, 1, blob);
  return { clientSecret: { id: attributes.id } };
}

export function withoutClientSecret(draft: Draft, { clientSecret, ...rest }: SignInRecord): SignInRecord {
  if (clientSecret !== undefined) draft.removeObject(clientSecret.id);
  return rest;
}

/** Does it as the client that the vault is to the provider; its secret is wiped afterwards. Where the provider does not take that, the error says what to look at. */
export async function asClient<T>(
  { session }: { session: Session },
  signIn: Found<'signIn'>,
  work: (client: OidcClient) => Promise<T>,
): Promise<T> {
  const { name } = signIn.value;
  // What was begun by a record of before goes on with the secret of now, and ends where it would be shown to others.
  const value = session.things.get('signIn', signIn.id);
  if (value === undefined || !isSameClient(signIn.value.settings, value.settings)) {
    throw new KeyholdError('Cancelled', `The sign-in ${name} has been changed meanwhile. Try again.`);
  }
  const { clientId, clientAuth } = settingsOf({ id: signIn.id, value }, 'oidc');
  const { clientSecret } = value;
  if (clientAuth === undefined || clientSecret === undefined) return work({ clientId });
  const secret = await openKept(session, clientSecret);
  try {
    return await work({ clientId, auth: { method: clientAuth, secret } });
  } catch (error) {
    if (!isClientNotTaken(error) || !(error instanceof KeyholdError)) throw error;
    throw new KeyholdError(
      error.code,
      `${error.message} Check the client secret of ${name}, which may have ended, and how the provider wants it shown: keyhold oidc edit ${quotedName(name)} --client-secret`,
      error.details,
      { cause: error },
    );
  } finally {
    secret.fill(0);
  }
}

export function isClientNotTaken(error: unknown): boolean {
  return error instanceof KeyholdError && NOT_TAKEN.has(error.details?.['name']);
}

function isSameClient(before: SignInSettings, after: SignInSettings): boolean {
  if (before.type !== 'oidc' || after.type !== 'oidc') return false;
  return before.issuer === after.issuer && before.clientId === after.clientId;
}
