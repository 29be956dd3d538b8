import { Form } from 'react-aria-components';
import { KeyholdError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { formatBytes } from '../../lib/format.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { CheckReport } from './check-report.tsx';

export function pathError(value: string): string | null {
  return value.trim() === '' ? 'Type where the file is, from the root of the disk.' : null;
}

export function BackupDialog({ onClose }: { onClose: () => void }) {
  const backup = useChange('vault.backup');
  const form = useForm({ path: '' }, { path: pathError });
  const start = (overwrite: boolean) => {
    if (!form.validate()) return;
    backup.mutate({ path: form.values.path.trim(), ...(overwrite ? { overwrite } : {}) });
  };
  const exists = backup.error instanceof KeyholdError && backup.error.code === 'AlreadyExists';
  if (backup.data !== undefined) {
    return (
      <Dialog title="Backup written" isOpen onClose={onClose}>
        <DialogBody>
          <p className="flex items-center gap-1">
            <code className="min-w-0 break-all">{backup.data.path}</code>
            <CopyButton text={backup.data.path} label="Copy the path" />
            <span className="shrink-0 text-muted">{formatBytes(backup.data.sizeBytes)}</span>
          </p>
          <CheckReport report={backup.data.report} subject="The copy" />
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" autoFocus onPress={onClose}>
            Done
          </Button>
        </DialogFooter>
      </Dialog>
    );
  }
  return (
    <Dialog title="Back up the vault" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!backup.isPending) start(false);
        }}
      >
        <DialogBody>
          <TextField
            label="File"
            mono
            autoFocus
            placeholder="/media/usb/keyhold.backup"
            hint="The copy is encrypted like the vault and opens with the same password or recovery code."
            {...form.field('path')}
          />
          {backup.isPending && <WorkBar label="Copying the vault and verifying the copy…" />}
          {backup.error !== null && (
            <ErrorCallout
              error={asWireError(backup.error)}
              {...(exists
                ? {
                    actions: (
                      <Button size="compact" onPress={() => start(true)}>
                        Overwrite that file
                      </Button>
                    ),
                  }
                : {})}
            />
          )}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={backup.isPending}>
            Back up
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
