import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
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
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending) save.mutate(text, { onSuccess: onClose });
        }}
      >
        <DialogBody>
          <TextField
            label="Description"
            multiline
            autoFocus
            maxLength={8192}
            value={text}
            onChange={setText}
            hint="What the key is for. Anyone who may describe the key can read it."
          />
          {save.isError && <ErrorCallout error={asWireError(save.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={save.isPending}>
            Save
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
