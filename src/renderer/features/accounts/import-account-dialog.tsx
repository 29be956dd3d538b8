import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { WireError } from '../../../contract/errors.ts';
import { Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { pathError } from '../settings/backup-dialog.tsx';

/** Takes in an account from a file that "Export…" wrote. */
export function ImportAccountDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const passphrase = useRef<SecretHandle>(null);
  const form = useForm({ path: '', name: '' }, { path: pathError, name: matches(Name, false) });
  const [passphraseError, setPassphraseError] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  const gone = useGone();

  const refusePassphrase = (message: string) => {
    setPassphraseError(message);
    passphrase.current?.focus();
  };
  const read = async () => {
    if (!form.validate()) return;
    if (passphrase.current?.isEmpty() !== false) return refusePassphrase('Type the passphrase of the file.');
    const bytes = passphrase.current.bytes();
    setWorking(true);
    setError(null);
    try {
      const { account, kmsKeys, clients } = await callSealed('account.import', async (seal) => ({
        path: form.values.path.trim(),
        passphrase: await seal('passphrase', bytes),
        ...(form.values.name === '' ? {} : { name: form.values.name }),
      }));
      passphrase.current?.clear();
      await refresh(queries, 'accounts', 'profiles', 'clients');
      const held = `${plural(kmsKeys, 'KMS key')} and ${plural(clients, 'client')}`;
      notify({ message: `“${account.name}” is here, with ${held}.` });
      if (!gone.current) onClose();
    } catch (caught) {
      const wire = asWireError(caught);
      if (gone.current) notify({ message: wire.message, tone: 'error' });
      else if (wire.code === 'WrongSecret') {
        passphrase.current?.clear();
        refusePassphrase('This is not the passphrase of the file, or the file was changed.');
      } else setError(wire);
    } finally {
      wipe(bytes);
      setWorking(false);
    }
  };

  return (
    <Dialog title="Import an account" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void read();
        }}
      >
        <DialogBody>
          <TextField
            label="Account file"
            mono
            autoFocus
            placeholder="/media/usb/lab.keyhold-account"
            {...form.field('path')}
          />
          <SecretField
            label="Passphrase of the file"
            handle={passphrase}
            error={passphraseError}
            onEdit={() => setPassphraseError(null)}
          />
          <TextField label="Name here" optional hint="Empty keeps the name in the file." {...form.field('name')} />
          {working && <WorkBar label="Verifying the file before anything is written…" />}
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working}>
            Import
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
