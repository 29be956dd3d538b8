import type { RefObject } from 'react';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import type { Form } from '../../lib/use-form.ts';
import { ComboField } from '../../ui/combo-field.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { Select } from '../../ui/select.tsx';
import type { CredentialDraft, CredentialValues } from './credential-draft.ts';
import { SERVICES } from './credential-words.ts';

/** What each type has to be told besides its name and its key. */
export function KindFields({
  type,
  service,
  onService,
  source,
  onSource,
  form,
  password,
  passwordError,
  onPassword,
}: {
  type: CredentialDraft['type'];
  service: CredentialDraft['service'];
  onService: (service: CredentialDraft['service']) => void;
  source: CredentialDraft['source'];
  onSource: (source: CredentialDraft['source']) => void;
  form: Form<CredentialValues>;
  password: RefObject<SecretHandle | null>;
  passwordError: string | null;
  onPassword: () => void;
}) {
  if (type === 'sshKey') return null;
  if (type === 'smtp') {
    return (
      <ComboField
        label="Region"
        suggestions={COMMON_REGIONS}
        placeholder="eu-central-1"
        hint="Where mail is sent: each region has another password."
        {...form.field('region')}
      />
    );
  }
  return (
    <>
      <Select
        label="Service"
        choices={SERVICES}
        value={service}
        onChange={(id) => {
          const found = SERVICES.find((one) => one.id === id);
          if (found !== undefined) onService(found.id);
        }}
      />
      <RadioCards
        label="Where it comes from"
        hideLabel
        columns={2}
        cards={[
          { id: 'new', title: 'A new one' },
          { id: 'existing', title: 'One that I have' },
        ]}
        value={source}
        onChange={(id) => onSource(id === 'existing' ? 'existing' : 'new')}
      />
      {source === 'existing' && (
        <>
          <TextField
            label="Id in IAM"
            mono
            placeholder="ACCA…"
            hint="As aws iam list-service-specific-credentials prints it."
            {...form.field('credentialId')}
          />
          <TextField label="User name" mono placeholder="alice-at-123456789012" {...form.field('userName')} />
          <SecretField
            label={service === 'bedrock.amazonaws.com' ? 'API key' : 'Password'}
            handle={password}
            mono
            error={passwordError}
            onEdit={onPassword}
          />
        </>
      )}
    </>
  );
}
