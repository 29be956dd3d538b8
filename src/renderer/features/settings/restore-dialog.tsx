import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../contract/errors.ts';
import type { Result } from '../../../contract/methods.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refreshStatus } from '../../api/live.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { notify } from '../../ui/toast-store.ts';
import { pathError } from './backup-dialog.tsx';
import { CheckReport } from './check-report.tsx';
import { SecretPrompt, type SecretPromptHandle } from './secret-prompt.tsx';

export function RestoreDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const secret = useRef<SecretPromptHandle>(null);
  const form = useForm({ path: '' }, { path: pathError });
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  const [done, setDone] = useState<Result<'vault.restore'> | null>(null);

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
      setDone(result);
      // The restored vault is locked, which closes this dialog: the toast outlives it.
      const kept = result.previous === null ? '' : ` The file it replaced is kept as ${result.previous}.`;
      notify({ message: `The backup was restored.${kept}` });
    } catch (caught) {
      const wire = asWireError(caught);
      if (wire.code === 'WrongSecret') secret.current?.refuse();
      else setError(wire);
    } finally {
      setWorking(false);
    }
  };

  if (done !== null) {
    const finish = () => {
      onClose();
      void refreshStatus(queries).then(() => queries.invalidateQueries());
    };
    return (
      <Dialog title="Backup restored" isOpen onClose={finish}>
        <DialogBody>
          {done.previous !== null && (
            <p>
              The file it replaced is kept as <code className="break-all">{done.previous}</code>.
            </p>
          )}
          <CheckReport report={done.report} subject="The restored vault" />
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" autoFocus onPress={finish}>
            Done
          </Button>
        </DialogFooter>
      </Dialog>
    );
  }
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
          <SecretPrompt handle={secret} label="Password at the time of the backup" />
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
