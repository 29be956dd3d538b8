import type { Account } from '../../../contract/schemas.ts';
import type { Form } from '../../lib/use-form.ts';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { type OriginSource, originSource } from './origin-draft.ts';
import type { ProfileValues } from './profile-draft.ts';

/** What has to be known of where credentials come from, beyond its name. */
export function OriginFields({
  form,
  accounts,
  isNew,
}: {
  form: Form<ProfileValues>;
  accounts: readonly Account[];
  isNew: boolean;
}) {
  const source = originSource(form.values.signer)?.source;
  return (
    <>
      {(source === 'sso' || source === 'process') && isNew && (
        <Select
          label="Account"
          choices={accounts
            .filter(({ kind }) => kind === 'remote')
            .map(({ name, accountId }) => ({ id: name, label: name, note: accountId }))}
          value={form.values.account === '' ? null : form.values.account}
          onChange={(name) => form.set('account', name)}
          error={form.field('account').error}
          hint={
            source === 'sso'
              ? 'Sign in and choose roles there to make many profiles at once.'
              : 'Whose credentials it prints.'
          }
        />
      )}
      <Fields form={form} source={source} />
    </>
  );
}

function Fields({ form, source }: { form: Form<ProfileValues>; source: OriginSource | undefined }) {
  switch (source) {
    case 'sso':
      return (
        <TextField
          label="Role"
          mono
          placeholder="ReadOnlyAccess"
          hint="Its name in the Identity Center, not an ARN."
          {...form.field('roleName')}
        />
      );
    case 'saml':
      return (
        <TextField
          label="SAML provider ARN"
          mono
          placeholder="arn:aws:iam::123456789012:saml-provider/corp"
          hint="Of the role’s own account."
          {...form.field('principalArn')}
        />
      );
    case 'certificate':
      return (
        <>
          <TextField
            label="Trust anchor ARN"
            mono
            placeholder="arn:aws:rolesanywhere:eu-central-1:123456789012:trust-anchor/…"
            {...form.field('trustAnchorArn')}
          />
          <TextField
            label="ARN of the Roles Anywhere profile"
            mono
            placeholder="arn:aws:rolesanywhere:eu-central-1:123456789012:profile/…"
            hint="It says which roles the certificate may be."
            {...form.field('profileArn')}
          />
        </>
      );
    case 'process':
      return (
        <TextField
          label="Program"
          mono
          placeholder="/usr/local/bin/get-credentials --profile ops"
          hint="It runs without a shell and prints credentials as credential_process does."
          {...form.field('command')}
        />
      );
    case 'tokenFile':
      return (
        <TextField
          label="Token file"
          mono
          placeholder="/var/run/secrets/token"
          hint="Read again for each session. An absolute path."
          {...form.field('tokenFile')}
        />
      );
    default:
      return null;
  }
}
