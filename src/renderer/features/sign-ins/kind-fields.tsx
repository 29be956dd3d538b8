import type { RefObject } from 'react';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import type { Form } from '../../lib/use-form.ts';
import { ComboField } from '../../ui/combo-field.tsx';
import { TextField } from '../../ui/field.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { Select } from '../../ui/select.tsx';
import { CLIENT_KINDS, hasClientSecret, type SignInValues } from './sign-in-draft.ts';

/** What each kind of sign-in has to be told. */
export function KindFields({
  form,
  secret,
}: {
  form: Form<SignInValues>;
  /** Of the secret of an OpenID Connect client. */
  secret: { handle: RefObject<SecretHandle | null>; optional: boolean; error: string | null; onEdit: () => void };
}) {
  switch (form.values.type) {
    case 'saml':
      return (
        <>
          <TextField
            label="Start URL"
            mono
            placeholder="https://idp.example.com/app/aws"
            hint="The page of the identity provider that begins a sign-in to AWS."
            {...form.field('startUrl')}
          />
          <TextField
            label="Accounts"
            mono
            optional
            placeholder="123456789012"
            hint="Account ids; other accounts’ roles are not shown. Without any, all are."
            {...form.field('accounts')}
          />
        </>
      );
    case 'oidc':
      return (
        <>
          <TextField
            label="Issuer"
            mono
            placeholder="https://login.example.com"
            hint="As the provider writes it in its tokens."
            {...form.field('issuer')}
          />
          <TextField
            label="Client id"
            mono
            hint="Its redirect address is http://127.0.0.1/oauth/callback."
            {...form.field('clientId')}
          />
          <Select
            label="Client"
            choices={CLIENT_KINDS}
            value={form.values.clientAuth}
            onChange={(id) => form.set('clientAuth', id)}
          />
          {hasClientSecret(form.values) && (
            <SecretField
              label="Secret of the client"
              mono
              hint={secret.optional ? 'Leave it empty to keep the present one.' : 'It goes sealed to the HSM.'}
              {...secret}
            />
          )}
          <TextField label="Scopes" mono hint="openid has to be among them." {...form.field('scopes')} />
        </>
      );
    default:
      return (
        <>
          <TextField
            label="Start URL"
            mono
            placeholder="https://d-1234567890.awsapps.com/start"
            hint="The address of your company’s access portal."
            {...form.field('startUrl')}
          />
          <ComboField
            label="Region of the Identity Center"
            suggestions={COMMON_REGIONS}
            placeholder="eu-central-1"
            hint="Where it is, whatever regions its profiles work in."
            {...form.field('region')}
          />
          <TextField label="Scopes" mono hint="What AWS is asked for; the usual one does." {...form.field('scopes')} />
        </>
      );
  }
}
