import type { RefObject } from 'react';
import type { SignInSettings } from '../../../../contract/sign-ins.ts';
import type { Form } from '../../../lib/use-form.ts';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';
import { Select } from '../../../ui/select.tsx';
import type { SignInValues } from '../sign-in-draft.ts';
import { hasSecret, secretHint } from './client-secret.ts';

const KINDS = [
  { id: 'public', title: 'Public client', text: 'Proves itself by PKCE.' },
  { id: 'secret', title: 'With a secret', text: 'By PKCE and a secret.' },
];

/** How the secret is shown to its provider, the usual one first. */
const CLIENT_AUTHS = [
  { id: 'client_secret_basic', label: 'In a header', note: 'client_secret_basic' },
  { id: 'client_secret_post', label: 'In the request’s body', note: 'client_secret_post' },
];

export interface SecretInput {
  handle: RefObject<SecretHandle | null>;
  error: string | null;
  onEdit: () => void;
}

/** What Keyhold is to the provider: a public client, or one with a secret. */
export function ClientFields({
  form,
  before,
  secret,
}: {
  form: Form<SignInValues>;
  before: SignInSettings | undefined;
  secret: SecretInput;
}) {
  const { values } = form;
  return (
    <>
      <RadioCards
        label="Client"
        columns={2}
        cards={KINDS}
        value={values.clientKind}
        onChange={(kind) => form.set('clientKind', kind)}
      />
      {values.clientKind === 'secret' && (
        <>
          <SecretField
            label="Client secret"
            mono
            optional={hasSecret(values, before)}
            hint={secretHint(values, before)}
            {...secret}
          />
          <Select
            label="How it is shown to the provider"
            choices={CLIENT_AUTHS}
            value={values.clientAuth}
            onChange={(way) => form.set('clientAuth', way)}
          />
        </>
      )}
    </>
  );
}
