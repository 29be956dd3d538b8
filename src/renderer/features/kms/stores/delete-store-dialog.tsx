import { asWireError } from '../../../api/error.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { type KeyStore, kmsCall, type Place } from '../kms.ts';
import { useKmsChange } from '../kms-queries.ts';

/** Deletes a key store that has no keys. */
export function DeleteStoreDialog({ place, store, onClose }: { place: Place; store: KeyStore; onClose: () => void }) {
  const name = store.CustomKeyStoreName;
  const remove = useKmsChange(() =>
    kmsCall(place, 'DeleteCustomKeyStore', { CustomKeyStoreId: store.CustomKeyStoreId }),
  );
  return (
    <Dialog title={`Delete ${name}?`} isOpen onClose={onClose} width="small" role="alertdialog">
      <DialogBody>
        <p>
          {store.CustomKeyStoreType === 'EXTERNAL_KEY_STORE'
            ? 'Keyhold forgets where its proxy is, and the credential for it. The key manager and its keys stay as they are.'
            : 'Keyhold forgets that there is a key store on this token. The token stays, with its PIN and whatever keys are in it.'}{' '}
          No key of the KMS is in it.
        </p>
        {remove.isError && <ErrorCallout error={asWireError(remove.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button autoFocus onPress={onClose}>
          Cancel
        </Button>
        <Button
          variant="danger"
          isDisabled={remove.isPending}
          onPress={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                notify({ message: `Deleted “${name}”.` });
                onClose();
              },
            })
          }
        >
          Delete the key store
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
