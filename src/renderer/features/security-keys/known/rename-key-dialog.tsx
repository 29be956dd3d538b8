import type { SecurityKey } from '../../../../contract/mfa.ts';
import { Name } from '../../../../contract/schemas.ts';
import { useChange } from '../../../api/queries.ts';
import { matches, useForm } from '../../../lib/use-form.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { DialogForm } from '../../../ui/dialog-form.tsx';
import { TextField } from '../../../ui/field.tsx';

export function RenameKeyDialog({ securityKey, onClose }: { securityKey: SecurityKey; onClose: () => void }) {
  const form = useForm({ name: securityKey.name }, { name: matches(Name) });
  const change = useChange('mfa.rename', 'securityKeys');
  const rename = async () => {
    if (!form.validate()) return;
    await change.mutateAsync({ name: securityKey.name, rename: form.values.name.trim() });
    onClose();
  };
  return (
    <Dialog title={`Rename ${securityKey.name}`} width="small" isOpen onClose={onClose}>
      <DialogForm
        send="Rename"
        isSending={change.isPending}
        error={change.error}
        onSend={() => {
          // What went wrong is shown in the form.
          rename().catch(() => undefined);
        }}
        onCancel={onClose}
      >
        <TextField label="Name" autoFocus {...form.field('name')} />
      </DialogForm>
    </Dialog>
  );
}
