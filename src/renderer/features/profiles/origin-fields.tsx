import type { Account, Profile } from '../../../contract/schemas.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import type { Form } from '../../lib/use-form.ts';
import { CodeLine } from '../../ui/code.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { type OriginSource, originSource } from './origin-draft.ts';
import type { ProfileValues } from './profile-draft.ts';

/** What has to be known of where credentials come from, beyond its name. */
export function OriginFields({
  form,
  accounts,
  profile,
}: {
  form: Form<ProfileValues>;
  accounts: readonly Account[];
  /** Undefined for a new one. */
  profile: Profile | undefined;
}) {
  const source = originSource(form.values.signer)?.source;
  return (
    <>
      {source === 'sso' && profile === undefined && (
        <Select
          label="Account"
          choices={accounts
            .filter(({ kind }) => kind === 'remote')
            .map(({ name, accountId }) => ({ id: name, label: name, note: accountId }))}
          value={form.values.account === '' ? null : form.values.account}
          onChange={(name) => form.set('account', name)}
          error={form.field('account').error}
          hint="Sign in and choose roles there to make many profiles at once."
        />
      )}
      <Fields form={form} source={source} />
      {profile !== undefined && (source === 'process' || source === 'tokenFile') && <OfMachine profile={profile} />}
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
    default:
      return null;
  }
}

/** What Keyhold runs or reads on this machine; a window that was taken over must not choose it. */
function OfMachine({ profile: { name, origin } }: { profile: Profile }) {
  const edit = `keyhold profile edit ${shellQuote(name)}`;
  if (origin?.kind === 'process') {
    const line = origin.command.map(shellQuote).join(' ');
    return (
      <>
        <p>It runs without a shell and prints credentials. Only the command line may name another one:</p>
        <CodeLine text={`${edit} --credential-process ${shellQuote(line)}`} />
      </>
    );
  }
  if (origin?.kind !== 'webIdentity' || origin.tokenFile === undefined) return null;
  return (
    <>
      <p>The token is read from the file for each session. Only the command line may name another one:</p>
      <CodeLine text={`${edit} --web-identity-token-file ${shellQuote(origin.tokenFile)}`} />
    </>
  );
}
