import { useState } from 'react';
import {
  type Account,
  AccountId,
  isUnencryptedEndpoint,
  Name,
  NewEndpointUrl,
  Region,
} from '../../../contract/schemas.ts';
import { useChange } from '../../api/queries.ts';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ComboField } from '../../ui/combo-field.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { notify } from '../../ui/toast-store.ts';

export function AccountDialog({
  account,
  local = false,
  onClose,
}: {
  account?: Account;
  /** Begins with an account that lives in this vault. */
  local?: boolean;
  onClose: () => void;
}) {
  return (
    <Dialog title={account === undefined ? 'Add an account' : 'Edit account'} isOpen onClose={onClose}>
      <AccountForm
        {...(account === undefined ? { kinds: local ? 'local first' : 'remote first' } : { account })}
        submitLabel={account === undefined ? 'Add account' : 'Save'}
        onCancel={onClose}
        onDone={(made) => {
          if (account === undefined) notify({ message: `Added account “${made.name}”.` });
          onClose();
        }}
      />
    </Dialog>
  );
}

/**
 * An account: its name and id, and for one at AWS the endpoint where that is not AWS itself. Without `kinds` it is one at AWS, or the kind that
 * the account has already.
 */
export function AccountForm({
  account,
  kinds,
  lead,
  submitLabel,
  onCancel,
  onDone,
}: {
  account?: Account;
  /** Lets the person choose where the account lives. */
  kinds?: 'remote first' | 'local first';
  lead?: string;
  submitLabel: string;
  onCancel: () => void;
  onDone: (account: Account) => void;
}) {
  const add = useChange('account.add', 'accounts', 'profiles');
  const update = useChange('account.update', 'accounts', 'keys', 'profiles');
  const form = useForm(
    {
      name: account?.name ?? '',
      id: account?.accountId ?? '',
      endpoint: account?.endpointUrl ?? '',
      region: 'us-east-1',
      note: account?.note ?? '',
    },
    {
      name: matches(Name),
      id: (value) => matches(AccountId)(digits(value)),
      endpoint: matches(NewEndpointUrl, false),
      region: matches(Region),
    },
  );
  const [kind, setKind] = useState<Account['kind']>(account?.kind ?? (kinds === 'local first' ? 'local' : 'remote'));
  const local = kind === 'local';
  const [insecure, setInsecure] = useState(false);
  const { endpoint: given } = form.values;
  const unencrypted = given !== account?.endpointUrl && !local && isUnencryptedEndpoint(given);
  const error = add.error ?? update.error;
  const pending = add.isPending || update.isPending;
  const save = () => {
    if (!form.validate()) return;
    const { name, id, endpoint, region, note } = form.values;
    if (account === undefined) {
      add.mutate(
        {
          name,
          accountId: digits(id),
          kind,
          ...(local ? { region } : endpoint === '' ? {} : { endpointUrl: endpoint }),
          ...(unencrypted && insecure ? { insecureEndpoint: true } : {}),
          ...(note === '' ? {} : { note }),
        },
        { onSuccess: onDone },
      );
    } else {
      update.mutate(
        {
          name: account.name,
          ...(name === account.name ? {} : { rename: name }),
          ...(local ? {} : { endpointUrl: endpoint === '' ? null : endpoint }),
          ...(unencrypted && insecure ? { insecureEndpoint: true } : {}),
          note,
        },
        { onSuccess: onDone },
      );
    }
  };
  return (
    <DialogForm send={submitLabel} isSending={pending} error={error} onSend={save} onCancel={onCancel}>
      {lead !== undefined && <p className="text-muted">{lead}</p>}
      {kinds !== undefined && (
        <RadioCards
          label="Where does it live?"
          columns={2}
          cards={[
            { id: 'remote', title: 'At AWS', text: 'Or at an S3-compatible or a test endpoint.' },
            { id: 'local', title: 'In this vault', text: 'With a KMS of its own, which works offline.' },
          ]}
          value={kind}
          onChange={(id) => setKind(id === 'local' ? 'local' : 'remote')}
        />
      )}
      <TextField
        label="Name"
        autoFocus
        placeholder={local ? 'lab' : 'prod'}
        {...(local && account === undefined ? { hint: 'Its first profile gets this name too.' } : {})}
        {...form.field('name')}
      />
      <TextField
        label="Account id"
        mono
        placeholder="123456789012"
        inputMode="numeric"
        isDisabled={account !== undefined}
        hint={
          account === undefined
            ? local
              ? '12 digits of your choice. It stands in every ARN.'
              : '12 digits, from the top right corner of the AWS console.'
            : 'The id of an account cannot change.'
        }
        {...form.field('id')}
      />
      {local && account === undefined && (
        <ComboField
          label="Region"
          suggestions={COMMON_REGIONS}
          hint="Of its first profile. The account has all Regions."
          {...form.field('region')}
        />
      )}
      {!local && (
        <TextField
          label="Endpoint URL"
          optional
          placeholder="https://s3.example.com"
          hint="Only for an S3-compatible or a test endpoint. Empty means AWS."
          {...form.field('endpoint')}
        />
      )}
      {unencrypted && (
        <Checkbox isSelected={insecure} onChange={setInsecure}>
          Send its requests over the network unencrypted
        </Checkbox>
      )}
      <TextField label="Note" optional multiline {...form.field('note')} />
    </DialogForm>
  );
}

/** People paste account ids with dashes or spaces. */
function digits(text: string): string {
  return text.replace(/[\s-]/g, '');
}
