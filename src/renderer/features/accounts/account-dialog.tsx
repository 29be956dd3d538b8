import { useState } from 'react';
import { Form } from 'react-aria-components';
import { type Account, AccountId, isUnencryptedEndpoint, Name, NewEndpointUrl } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';

export function AccountDialog({ account, onClose }: { account?: Account; onClose: () => void }) {
  return (
    <Dialog title={account === undefined ? 'Add an account' : 'Edit account'} isOpen onClose={onClose}>
      <AccountForm
        {...(account === undefined ? {} : { account })}
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

/** An AWS account: its name here, its id there, and the endpoint where that is not AWS itself. */
export function AccountForm({
  account,
  lead,
  submitLabel,
  onCancel,
  onDone,
}: {
  account?: Account;
  lead?: string;
  submitLabel: string;
  onCancel: () => void;
  onDone: (account: Account) => void;
}) {
  const add = useChange('account.add', 'accounts');
  const update = useChange('account.update', 'accounts', 'keys', 'profiles');
  const form = useForm(
    {
      name: account?.name ?? '',
      id: account?.accountId ?? '',
      endpoint: account?.endpointUrl ?? '',
      note: account?.note ?? '',
    },
    { name: matches(Name), id: (value) => matches(AccountId)(digits(value)), endpoint: matches(NewEndpointUrl, false) },
  );
  const [insecure, setInsecure] = useState(false);
  const { endpoint: given } = form.values;
  const unencrypted = given !== account?.endpointUrl && isUnencryptedEndpoint(given);
  const error = add.error ?? update.error;
  const pending = add.isPending || update.isPending;
  const save = () => {
    if (!form.validate()) return;
    const { name, id, endpoint, note } = form.values;
    if (account === undefined) {
      add.mutate(
        {
          name,
          accountId: digits(id),
          kind: 'remote',
          ...(endpoint === '' ? {} : { endpointUrl: endpoint }),
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
          endpointUrl: endpoint === '' ? null : endpoint,
          ...(unencrypted && insecure ? { insecureEndpoint: true } : {}),
          note,
        },
        { onSuccess: onDone },
      );
    }
  };
  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (!pending) save();
      }}
    >
      <DialogBody>
        {lead !== undefined && <p className="text-muted">{lead}</p>}
        <TextField label="Name" autoFocus placeholder="prod" {...form.field('name')} />
        <TextField
          label="Account id"
          mono
          placeholder="123456789012"
          inputMode="numeric"
          isDisabled={account !== undefined}
          hint={
            account === undefined
              ? '12 digits, from the top right corner of the AWS console.'
              : 'The id of an account cannot change.'
          }
          {...form.field('id')}
        />
        <TextField
          label="Endpoint URL"
          optional
          placeholder="https://s3.example.com"
          hint="Only for an S3-compatible or a test endpoint. Empty means AWS."
          {...form.field('endpoint')}
        />
        {unencrypted && (
          <Checkbox isSelected={insecure} onChange={setInsecure}>
            Send its requests over the network unencrypted
          </Checkbox>
        )}
        <TextField label="Note" optional multiline {...form.field('note')} />
        {error !== null && <ErrorCallout error={asWireError(error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={pending}>
          {submitLabel}
        </Button>
      </DialogFooter>
    </Form>
  );
}

/** People paste account ids with dashes or spaces. */
function digits(text: string): string {
  return text.replace(/[\s-]/g, '');
}
