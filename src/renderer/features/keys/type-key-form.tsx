import { useQueryClient } from '@tanstack/react-query';
import { type ClipboardEvent, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { accessKeyIdFault, secretFault, tokenFault, wipe } from '../../../client/import/credential-values.ts';
import { parsePastedKey } from '../../../client/import/pasted-key.ts';
import type { WireError } from '../../../contract/errors.ts';
import { Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { sentence } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { AccountChoice, type AccountChoiceProps } from './account-choice.tsx';
import { keyFormFor } from './key-facts.ts';

/** One key, typed or pasted. A paste of both parts at once, in any form AWS prints them, fills both fields. */
export function TypeKeyForm({
  onFile,
  onClose,
  ...choice
}: AccountChoiceProps & { onFile: () => void; onClose: () => void }) {
  const queries = useQueryClient();
  const secret = useRef<SecretHandle>(null);
  const token = useRef<SecretHandle>(null);
  const [accountError, setAccountError] = useState<string | null>(null);
  const [secretError, setSecretError] = useState<string | null>(null);
  const [tokenError, setTokenError] = useState<string | null>(null);
  const [filled, setFilled] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const gone = useGone();
  const chosen = choice.accounts.find((one) => one.name === choice.account);
  const keyForm = keyFormFor(chosen);
  const checkId = (id: string): string | null => {
    const fault = accessKeyIdFault(id, keyForm);
    return fault === null ? null : sentence(fault);
  };
  const form = useForm({ name: '', id: '', note: '' }, { name: matches(Name), id: checkId });
  const temporary = form.values.id.startsWith('ASIA');

  /** Takes a paste that holds a whole key apart; anything else goes into the field as it is. */
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    if (!/\s\S/.test(text.trim())) return;
    const bytes = new TextEncoder().encode(text);
    try {
      const key = parsePastedKey(bytes, keyForm);
      event.preventDefault();
      form.set('id', key.accessKeyId);
      secret.current?.set(new TextDecoder().decode(key.secretAccessKey));
      setSecretError(null);
      if (key.sessionToken !== undefined) {
        const pasted = new TextDecoder().decode(key.sessionToken);
        // The field is there once the id says that the key is temporary.
        window.requestAnimationFrame(() => token.current?.set(pasted));
      }
      wipe(key.secretAccessKey, key.sessionToken);
      setFilled(true);
    } catch {
      // Not a whole key: an ordinary paste.
    } finally {
      wipe(bytes);
    }
  };

  const faultOfSecret = (bytes: Uint8Array) => secretFault(bytes, keyForm);
  const checkSecret = (handle: SecretHandle | null, fault: (bytes: Uint8Array) => string | null): string | null => {
    const bytes = handle?.bytes() ?? new Uint8Array();
    const found = fault(bytes);
    wipe(bytes);
    return found === null ? null : sentence(found);
  };

  const save = async () => {
    const wrongSecret = checkSecret(secret.current, faultOfSecret);
    const wrongToken = temporary ? checkSecret(token.current, tokenFault) : null;
    setSecretError(wrongSecret);
    setTokenError(wrongToken);
    setAccountError(choice.account === null ? 'Choose the account that the key belongs to.' : null);
    const account = choice.account;
    if (!form.validate() || wrongSecret !== null || wrongToken !== null || account === null) return;
    const secretBytes = secret.current?.bytes() ?? new Uint8Array();
    const tokenBytes = temporary ? token.current?.bytes() : undefined;
    setWorking(true);
    setError(null);
    try {
      const made = await callSealed('key.import', async (seal) => ({
        name: form.values.name,
        account,
        accessKeyId: form.values.id,
        secretAccessKey: await seal('secret-access-key', secretBytes),
        ...(tokenBytes === undefined ? {} : { sessionToken: await seal('session-token', tokenBytes) }),
        ...(form.values.note === '' ? {} : { note: form.values.note }),
        source: 'form',
      }));
      secret.current?.clear();
      token.current?.clear();
      await refresh(queries, 'keys');
      notify({ message: `Access key “${made.name}” is in the vault.` });
      if (gone.current) return;
      onClose();
      navigate('keys', made.id);
    } catch (caught) {
      const wire = asWireError(caught);
      if (gone.current) notify({ message: wire.message, tone: 'error' });
      else if (wire.code === 'AlreadyExists') form.complain('name', wire.message);
      else setError(wire);
    } finally {
      wipe(secretBytes, tokenBytes);
      setWorking(false);
    }
  };

  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (!working) void save();
      }}
    >
      <DialogBody onPaste={onPaste}>
        <AccountChoice {...choice} error={accountError} />
        <TextField
          label="Name"
          autoFocus
          placeholder="deploy-bot"
          hint="How you will find it; AWS never sees it."
          {...form.field('name')}
        />
        <TextField
          label="Access key id"
          mono
          placeholder="AKIA…"
          hint="You can paste id and secret together, in any form AWS prints them."
          {...form.field('id')}
        />
        <SecretField
          label="Secret access key"
          handle={secret}
          mono
          error={secretError}
          onEdit={() => setSecretError(null)}
          onBlur={() => {
            if (secret.current?.isEmpty() === false) setSecretError(checkSecret(secret.current, faultOfSecret));
          }}
        />
        {temporary && (
          <SecretField
            label="Session token"
            handle={token}
            mono
            error={tokenError}
            hint="An id that starts with ASIA is temporary and comes with a token."
            onEdit={() => setTokenError(null)}
          />
        )}
        <TextField label="Note" optional multiline {...form.field('note')} />
        <span role="status" className="sr-only">
          {filled ? 'The pasted key filled the id and the secret.' : ''}
        </span>
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button variant="ghost" className="mr-auto -ml-3" onPress={onFile}>
          From a file…
        </Button>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={working}>
          {working ? 'Adding…' : 'Add access key'}
        </Button>
      </DialogFooter>
    </Form>
  );
}
