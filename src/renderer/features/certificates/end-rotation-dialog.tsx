import type { Certificate } from '../../../contract/certificates.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { notify } from '../../ui/toast-store.ts';
import { endingWords, type RotationEnd } from './certificate-words.ts';

/** Either end of a rotation destroys one of the two keys for good. */
export function EndRotationDialog({
  end,
  certificate,
  onClose,
}: {
  end: RotationEnd;
  certificate: Certificate;
  onClose: () => void;
}) {
  const confirm = useChange('certificate.confirm', 'certificates');
  const rollBack = useChange('certificate.rollback', 'certificates', 'sessions');
  const change = end === 'confirm' ? confirm : rollBack;
  const { name, profiles } = certificate;
  const { title, text, done } = endingWords(end, certificate);
  return (
    <Dialog title={title} role="alertdialog" width="small" isOpen onClose={onClose}>
      <DialogBody>
        <p>{text}</p>
        {profiles.length > 0 && <p className="text-muted">It is used by {listNames(profiles, 5)}.</p>}
        {change.isError && <ErrorCallout error={asWireError(change.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep both
        </Button>
        <Button
          variant="danger"
          isDisabled={change.isPending}
          onPress={() =>
            change.mutate(
              { name },
              {
                onSuccess: () => {
                  notify({ message: done });
                  onClose();
                },
              },
            )
          }
        >
          {end === 'confirm' ? 'Destroy the key before' : 'Destroy the new key'}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
