import { useState } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { keyTitle } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, useKmsChange } from './kms-queries.ts';

export function DescriptionDialog({ kmsKey: key, onClose }: { kmsKey: KmsKeySummary; onClose: () => void }) {
  const [text, setText] = useState(key.description);
  const save = useKmsChange((Description: string) =>
    kmsCall(placeOf(key), 'UpdateKeyDescription', { KeyId: key.keyId, Description }),
  );
  return (
    <Dialog title={`Description of ${keyTitle(key)}`} isOpen onClose={onClose}>
      <DialogForm
        send="Save"
        isSending={save.isPending}
        error={save.error}
        onSend={() => save.mutate(text, { onSuccess: onClose })}
        onCancel={onClose}
      >
        <TextField
          label="Description"
          multiline
          autoFocus
          maxLength={8192}
          value={text}
          onChange={setText}
          hint="What the key is for. Anyone who may describe the key can read it."
        />
      </DialogForm>
    </Dialog>
  );
}
