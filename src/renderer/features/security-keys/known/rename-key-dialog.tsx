import { Form } from 'react-aria-components';
import type { SecurityKey } from '../../../../contract/mfa.ts';
import { Name } from '../../../../contract/schemas.ts';
import { asWireError } from '../../../api/error.ts';
import { useChange } from '../../../api/queries.ts';
import { matches, useForm } from '../../../lib/use-form.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
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
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          // What went wrong is shown below.
          if (!change.isPending) rename().catch(() => undefined);
        }}
      >
        <DialogBody>
          <TextField label="Name" autoFocus {...form.field('name')} />
          {change.isError && <ErrorCallout error={asWireError(change.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={change.isPending}>
            Rename
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
