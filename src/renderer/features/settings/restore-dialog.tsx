import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refreshStatus, statusStore } from '../../api/live.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { notify } from '../../ui/toast-store.ts';
import { pathError } from './backup-dialog.tsx';
import { SecretPrompt, type SecretPromptHandle } from './secret-prompt.tsx';

export function RestoreDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const secret = useRef<SecretPromptHandle>(null);
  const form = useForm({ path: '' }, { path: pathError });
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);

  const restore = async () => {
    if (!form.validate()) return;
    setWorking(true);
    setError(null);
    try {
      const result = await secret.current?.use((sealSecret) =>
        callSealed('vault.restore', async (seal) => ({
          path: form.values.path.trim(),
          secret: await sealSecret(seal),
        })),
      );
      if (result === null || result === undefined) return;
      // The restored vault is locked, which closes this dialog: the toast outlives it.
      onClose();
      const kept = result.previous === null ? '' : ` The file it replaced is kept as ${result.previous}.`;
      notify({ message: `The backup was restored.${kept}`, lasting: result.previous !== null });
    } catch (caught) {
      const wire = asWireError(caught);
      await refreshStatus(queries);
      // Trying a backup locks the open vault, which takes this dialog away; the reason must not go with it.
      if (statusStore.get()?.state !== 'unlocked') {
        const reason = wire.code === 'WrongSecret' ? 'This is not a password of the backup.' : wire.message;
        notify({ message: `The backup was not restored. ${reason} Your vault is as it was.`, tone: 'error' });
      } else if (wire.code === 'WrongSecret') secret.current?.refuse();
      else setError(wire);
    } finally {
      setWorking(false);
    }
  };

  return (
    <Dialog title="Restore a backup" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void restore();
        }}
      >
        <DialogBody>
          <Callout tone="warning" title="This replaces the vault by the backup">
            What was added since then is not in it. The present vault file is kept beside it, so you can go back.
          </Callout>
          <TextField
            label="Backup file"
            mono
            autoFocus
            placeholder="/media/usb/keyhold.backup"
            {...form.field('path')}
          />
          <SecretPrompt handle={secret} label="Password at the time of the backup" ofBackup />
          {working && <WorkBar label="Verifying the backup before anything is replaced…" />}
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="danger" isDisabled={working}>
            Restore
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
