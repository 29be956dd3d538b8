import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { notify } from '../../ui/toast-store.ts';

export function AddMirrorDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [path, setPath] = useState('');
  const [replace, setReplace] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const add = async () => {
    setWorking(true);
    setError(null);
    try {
      const copy = await call('hsm.mirrorAdd', { path: path.trim(), ...(replace ? { replace: true } : {}) });
      notify({
        message: copy.apart
          ? `${copy.path} is a complete, verified copy and gets every change from now on.`
          : `${copy.path} gets every change from now on. It is on the vault’s own disk, and lost with it.`,
      });
      await queries.invalidateQueries({ queryKey: ['hsm'] });
      onClose();
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Dialog title="Add a mirror" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working && path.trim() !== '') void add();
        }}
      >
        <DialogBody>
          <p className="text-muted">
            A further copy of the encrypted vault that gets every change before it is acknowledged. Choose another disk,
            a stick or a network folder: the vault rebuilds itself from it when its own file is lost or damaged.
          </p>
          <TextField
            label="Folder or file"
            mono
            autoFocus
            placeholder="/media/stick/keyhold"
            value={path}
            onChange={setPath}
            hint="The whole path, on the machine that Keyhold runs on."
          />
          {error !== null && (
            <>
              <ErrorCallout error={error} />
              <Checkbox isSelected={replace} onChange={setReplace}>
                Keep what is there under another name, and put a fresh copy in its place
              </Checkbox>
            </>
          )}
          {working && <WorkBar label="Writing and verifying a complete copy…" />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working || path.trim() === ''}>
            Add the mirror
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
