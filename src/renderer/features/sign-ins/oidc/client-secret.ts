import type { SignInSettings } from '../../../../contract/sign-ins.ts';
import type { SignInValues } from '../sign-in-draft.ts';

type Client = Pick<SignInValues, 'type' | 'clientKind' | 'issuer' | 'clientId'>;

/** Whether the vault has a secret of the client that is typed: one is never shown to another provider, nor for another client, than those it was given for. */
export function hasSecret({ issuer, clientId }: Client, before: SignInSettings | undefined): boolean {
  return (
    before?.type === 'oidc' &&
    before.clientAuth !== undefined &&
    before.issuer === issuer.trim() &&
    before.clientId === clientId.trim()
  );
}

/** What is wrong with the secret that was typed, or null. Nothing typed keeps the one that there is. */
export function secretProblem(text: string, client: Client, before: SignInSettings | undefined): string | null {
  if (client.type !== 'oidc' || client.clientKind !== 'secret') return null;
  if (text === '') return hasSecret(client, before) ? null : 'Paste the secret that the provider has given the client.';
  // RFC 6749, appendix A.2.
  return /^[\x20-\x7e]{1,4096}$/.test(text)
    ? null
    : 'A client secret is one line of up to 4,096 letters, digits and signs. Copy it again.';
}

export function secretHint(client: Client, before: SignInSettings | undefined): string {
  if (hasSecret(client, before)) return 'Leave it empty to keep the present one.';
  const isOther = before?.type === 'oidc' && before.clientAuth !== undefined;
  return isOther
    ? 'It would be another client, which is not shown the present secret: paste its own.'
    : 'From the provider. It is kept by the HSM, and shown to the provider alone.';
}
