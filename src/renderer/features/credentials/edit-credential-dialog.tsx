import type { Credential } from '../../../contract/credentials.ts';
import { Name } from '../../../contract/schemas.ts';
import { useChange } from '../../api/queries.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { noteError } from './credential-draft.ts';

/** Name and note. What it is, and its secret, change with a rotation alone. */
export function EditCredentialDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const change = useChange('credential.update', 'credentials', 'rotations');
  const form = useForm({ name: credential.name, note: credential.note }, { name: matches(Name), note: noteError });
  const save = () => {
    if (!form.validate()) return;
    const { name, note } = form.values;
    change.mutate(
      { name: credential.name, ...(name === credential.name ? {} : { rename: name }), note },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title={`Edit ${credential.name}`} isOpen onClose={onClose}>
      <DialogForm send="Save" isSending={change.isPending} error={change.error} onSend={save} onCancel={onClose}>
        <TextField label="Name" autoFocus {...form.field('name')} />
        <TextField label="Note" optional multiline {...form.field('note')} />
      </DialogForm>
    </Dialog>
  );
}
