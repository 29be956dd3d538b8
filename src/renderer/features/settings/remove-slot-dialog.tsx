import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../contract/errors.ts';
import type { SlotInfo } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { notify } from '../../ui/toast-store.ts';
import { sealedSession, useHsmUsers } from '../hsm/users/hsm-login.ts';
import { SecretPrompt, type SecretPromptHandle } from './secret-prompt.tsx';

export function RemoveSlotDialog({ slot, onClose }: { slot: SlotInfo; onClose: () => void }) {
  const queries = useQueryClient();
  const hsm = useHsmUsers().data;
  const lastWayOut =
    slot.factors.includes('recovery-code') && hsm !== undefined && hsm.users.length > 0 && hsm.recoveryCodes === 1;
  const authorize = useRef<SecretPromptHandle>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  const remove = async () => {
    setWorking(true);
    setError(null);
    try {
      const done = await authorize.current?.use((sealSecret) =>
        callSealed('slot.remove', async (seal) => ({
          id: slot.id,
          ...(await sealedSession(seal)),
          authorize: await sealSecret(seal),
        })),
      );
      if (done === null || done === undefined) return;
      await refresh(queries, 'slots');
      notify({ message: `“${slot.label}” no longer opens the vault.` });
      onClose();
    } catch (caught) {
      const wire = asWireError(caught);
      if (wire.code === 'WrongSecret') authorize.current?.refuse();
      else setError(wire);
    } finally {
      setWorking(false);
    }
  };
  return (
    <Dialog title={`Remove “${slot.label}”?`} role="alertdialog" width="small" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void remove();
        }}
      >
        <DialogBody>
          <p>It will not open this vault any more. Backups made until now still open with it.</p>
          {lastWayOut && (
            <p>
              It is the last recovery code: without one, nobody can remove the users of the HSM when their passwords are
              lost. A crypto officer has to be logged in.
            </p>
          )}
          <SecretPrompt handle={authorize} label="Password" autoFocus />
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Keep</Button>
          <Button type="submit" variant="danger" isDisabled={working}>
            {working ? 'Removing…' : 'Remove'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
