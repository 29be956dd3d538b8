import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';

export function UndoPanicDialog({ onClose }: { onClose: () => void }) {
  const undo = useChange('panic.undo', 'panic', 'keys', 'clients', 'sessions');
  return (
    <Dialog title="Take the panic back?" role="alertdialog" isOpen onClose={onClose}>
      <DialogBody>
        <p>
          Access keys and clients are switched on again, here and at AWS, and sessions from before are no longer
          refused.
        </p>
        <p className="text-muted">
          Whoever has the keys or their sessions can use them again: do it only if nobody has.
        </p>
        {undo.isError && <ErrorCallout error={asWireError(undo.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Leave it
        </Button>
        <Button variant="danger" isDisabled={undo.isPending} onPress={() => undo.mutate({}, { onSuccess: onClose })}>
          {undo.isPending ? 'Taking it back…' : 'Take it back'}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
