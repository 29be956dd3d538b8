import { useState } from 'react';
import type { Certificate } from '../../../contract/certificates.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { listNames, plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';

export function RemoveCertificateDialog({ certificate, onClose }: { certificate: Certificate; onClose: () => void }) {
  const remove = useChange('certificate.remove', 'certificates', 'profiles', 'clients', 'sessions');
  const [cascade, setCascade] = useState(false);
  const { name, profiles } = certificate;
  return (
    <Dialog title={`Remove the certificate “${name}”?`} role="alertdialog" isOpen onClose={onClose}>
      <DialogBody>
        <p>
          Its private key is destroyed and cannot be brought back. The certificate itself stays good until it ends or
          your CA revokes it, and is of no use without the key.
        </p>
        {profiles.length > 0 && (
          <Checkbox isSelected={cascade} onChange={setCascade}>
            Also remove {plural(profiles.length, 'profile')} and {profiles.length === 1 ? 'its' : 'their'} clients:{' '}
            {listNames(profiles, 5)}
          </Checkbox>
        )}
        {remove.isError && <ErrorCallout error={asWireError(remove.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep
        </Button>
        <Button
          variant="danger"
          isDisabled={remove.isPending || (profiles.length > 0 && !cascade)}
          onPress={() => remove.mutate({ name, cascade }, { onSuccess: onClose })}
        >
          Destroy the key
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
