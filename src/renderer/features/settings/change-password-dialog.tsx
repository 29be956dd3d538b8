import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh, useSlots } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { NewPassword, type NewPasswordHandle } from '../create/new-password.tsx';

export function ChangePasswordDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const current = useRef<SecretHandle>(null);
  const next = useRef<NewPasswordHandle>(null);
  const [currentError, setCurrentError] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  // A way in with a security key has a password of its own.
  const kept = (useSlots().data ?? [])
    .filter(({ factors }) => factors.length > 1 && factors.includes('password'))
    .map(({ label }) => `“${label}”`);

  const change = async () => {
    if (current.current?.isEmpty() !== false) {
      setCurrentError('Type the present password.');
      current.current?.focus();
      return;
    }
    const nextBytes = await next.current?.take();
    if (nextBytes === null || nextBytes === undefined) return;
    const currentBytes = current.current.bytes();
    setWorking(true);
    setError(null);
    try {
      await callSealed('vault.changePassword', async (seal) => ({
        current: await seal('password', currentBytes),
        next: await seal('password', nextBytes),
      }));
      current.current?.clear();
      next.current?.clear();
      await refresh(queries, 'slots');
      notify({ message: 'The password was changed.' });
      onClose();
    } catch (caught) {
      const wire = asWireError(caught);
      if (wire.code === 'WrongSecret') {
        current.current?.clear();
        setCurrentError('This is not the present password.');
        current.current?.focus();
      } else setError(wire);
    } finally {
      wipe(currentBytes, nextBytes);
      setWorking(false);
    }
  };

  return (
    <Dialog title="Change the password" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void change();
        }}
      >
        <DialogBody>
          <SecretField
            label="Present password"
            handle={current}
            error={currentError}
            autoFocus
            onEdit={() => setCurrentError(null)}
          />
          <NewPassword handle={next} label="New password" />
          {kept.length > 0 && (
            <p className="text-muted">
              The password that belongs to {listNames(kept, kept.length)} stays as it is. To change that, add this way
              in anew and remove the old one.
            </p>
          )}
          <p className="text-muted">Backups made until now still open with the present password.</p>
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working}>
            {working ? 'Changing…' : 'Change password'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
