import { useState } from 'react';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { formatDate } from '../../lib/format.ts';
import { saveTextFile } from '../../lib/save-text-file.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';

/** A new local CA; its certificate is saved together with the one before, so that tools can trust both meanwhile. */
export function RotateCaDialog({ onClose }: { onClose: () => void }) {
  const rotate = useChange('ca.rotate', 'settings');
  const [now, setNow] = useState(false);
  const made = rotate.data;
  if (made !== undefined) {
    const both = [made.pem, ...(made.previous === null ? [] : [made.previous.pem])];
    return (
      <Dialog title="The new certificate authority" isOpen onClose={onClose}>
        <DialogBody>
          <p>It is valid until {formatDate(made.notAfter)}.</p>
          <Callout tone="warning" title="Give tools the new certificate">
            {made.previous === null
              ? 'There was none before.'
              : 'What trusts the one before (AWS_CA_BUNDLE files, trust stores, images) has to be given the new one. The file below has both.'}
          </Callout>
          <p className="text-muted">
            {made.doorKeepsPrevious
              ? 'The HTTPS door shows a certificate of the one before until Keyhold is started anew, or HTTPS is switched off and on.'
              : 'The HTTPS door shows certificates of the new one from now on.'}
          </p>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Close</Button>
          <Button
            key="save"
            variant="primary"
            autoFocus
            onPress={() => saveTextFile('keyhold-ca.pem', both.map((pem) => `${pem.trimEnd()}\n`).join(''))}
          >
            Save {both.length === 1 ? 'certificate' : 'both certificates'}
          </Button>
        </DialogFooter>
      </Dialog>
    );
  }
  return (
    <Dialog title="Make a new certificate authority?" role="alertdialog" isOpen onClose={onClose}>
      <DialogBody>
        <p>
          Tools that reach Keyhold over HTTPS trust the present one by its certificate. They have to be given the new
          one.
        </p>
        <Checkbox isSelected={now} onChange={setNow}>
          Show a certificate of the new one at the door at once
          <span className="block text-muted">Tools that do not trust it yet fail from that moment.</span>
        </Checkbox>
        {rotate.isError && <ErrorCallout error={asWireError(rotate.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep the present one
        </Button>
        <Button variant="danger" isDisabled={rotate.isPending} onPress={() => rotate.mutate({ now })}>
          {rotate.isPending ? 'Making it…' : 'Make a new one'}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
