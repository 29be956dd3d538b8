import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { useForm } from '../../lib/use-form.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { NewPassword, type NewPasswordHandle } from '../create/new-password.tsx';
import { Refused } from '../hsm/users/refused.tsx';
import { ConfirmRecoveryCode } from '../recovery/confirm-recovery-code.tsx';
import { makeRecoveryCode } from '../recovery/make-recovery-code.ts';
import { RecoverySheet } from '../recovery/recovery-sheet.tsx';
import { SecretPrompt, type SecretPromptHandle } from './secret-prompt.tsx';

/** Adds another way into the vault: a second password, or another recovery code. */
export function AddSlotDialog({ factor, onClose }: { factor: 'password' | 'recovery-code'; onClose: () => void }) {
  const queries = useQueryClient();
  const authorize = useRef<SecretPromptHandle>(null);
  const password = useRef<NewPasswordHandle>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  const gone = useGone();
  const [confirming, setConfirming] = useState(false);
  const form = useForm(
    { label: factor === 'password' ? 'Second password' : 'Recovery code' },
    {
      label: (value) =>
        value.trim() === '' ? 'Give it a name.' : value.length > 64 ? 'A name has at most 64 characters.' : null,
    },
  );

  const add = async () => {
    if (!form.validate()) return;
    const bytes = factor === 'password' ? await password.current?.take() : undefined;
    if (factor === 'password' && (bytes === null || bytes === undefined)) return;
    setWorking(true);
    setError(null);
    try {
      const label = form.values.label.trim();
      await authorize.current?.use(async (sealSecret) => {
        if (bytes !== null && bytes !== undefined) {
          await callSealed('slot.addPassword', async (seal) => ({
            label,
            password: await seal('password', bytes),
            authorize: await sealSecret(seal),
          }));
          notify({ message: `Added the password “${label}”.` });
          onClose();
          return;
        }
        const opened = await makeRecoveryCode(label, sealSecret, gone);
        if (opened === null) return;
        setCode(new TextDecoder().decode(opened));
        wipe(opened);
      });
      await refresh(queries, 'slots');
    } catch (caught) {
      const wire = asWireError(caught);
      if (wire.code === 'WrongSecret') authorize.current?.refuse();
      else setError(wire);
    } finally {
      wipe(bytes ?? undefined);
      setWorking(false);
    }
  };

  if (code !== null) {
    return (
      <Dialog
        title={confirming ? 'Confirm the recovery code' : 'Your new recovery code'}
        isOpen
        onClose={onClose}
        isDismissable={false}
      >
        <DialogBody>
          {confirming ? (
            <ConfirmRecoveryCode
              code={code}
              onBack={() => setConfirming(false)}
              onDone={() => {
                notify({ message: 'The recovery code works from now on.' });
                onClose();
              }}
            />
          ) : (
            <>
              <RecoverySheet code={code} />
              <Button variant="primary" autoFocus onPress={() => setConfirming(true)}>
                I have stored it
              </Button>
            </>
          )}
        </DialogBody>
      </Dialog>
    );
  }

  return (
    <Dialog
      title={factor === 'password' ? 'Add a password' : 'Add a recovery code'}
      isOpen
      onClose={onClose}
      // What was asked for is made, and would be a code that nobody has seen.
      isDismissable={!working}
    >
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void add();
        }}
      >
        <DialogBody>
          <TextField label="Name" autoFocus {...form.field('label')} />
          {factor === 'password' && <NewPassword handle={password} label="New password" />}
          <SecretPrompt handle={authorize} label="Present password" />
          {error !== null && <Refused error={error} act={{ do: 'make-recovery-code' }} onAsked={onClose} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose} isDisabled={working}>
            Cancel
          </Button>
          <Button type="submit" variant="primary" isDisabled={working}>
            {working ? 'Adding…' : factor === 'password' ? 'Add password' : 'Make the code'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
