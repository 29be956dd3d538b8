import type { Rotation } from '../../../contract/rotation.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { calledOf, confirmWords, nounOf } from './rotation-words.ts';

/** Somebody agrees to what the rotation found. */
export function ConfirmRotationDialog({ rotation, onClose }: { rotation: Rotation; onClose: () => void }) {
  const confirm = useChange('rotation.confirm', 'rotations', 'keys');
  const { title, risk, action } = confirmWords(rotation);
  const harmless = rotation.halt === 'begunOffline';
  return (
    <Dialog title={title} role="alertdialog" isOpen onClose={onClose}>
      <DialogBody>
        <p>{rotation.message}</p>
        <p className="text-muted">{risk}</p>
        {confirm.isError && <ErrorCallout error={asWireError(confirm.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Not yet
        </Button>
        <Button
          variant={harmless ? 'primary' : 'danger'}
          isDisabled={confirm.isPending}
          onPress={() => confirm.mutate({ key: calledOf(rotation) }, { onSuccess: onClose })}
        >
          {action}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

export function RollBackDialog({ rotation, onClose }: { rotation: Rotation; onClose: () => void }) {
  const rollBack = useChange('rotation.rollback', 'rotations', 'keys');
  const noun = nounOf(rotation);
  // A password or an SSH key is in the hands of tools, which nothing here switches back.
  const users = rotation.adapter === undefined ? 'profiles and clients go back to it' : 'is the one in the vault';
  return (
    <Dialog title={`Roll back the rotation of ${rotation.key}?`} role="alertdialog" isOpen onClose={onClose}>
      <DialogBody>
        <p>
          The old {noun} <span className="mono">{rotation.oldAccessKeyId}</span> is made active again, and {users}.
        </p>
        <p className="text-muted">
          {rotation.newAccessKeyId === undefined ? (
            `No new ${noun} was made yet.`
          ) : (
            <>
              Then the new {noun} <span className="mono">{rotation.newAccessKeyId}</span> is deleted at AWS and here.
            </>
          )}
        </p>
        {rollBack.isError && <ErrorCallout error={asWireError(rollBack.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep the new {noun}
        </Button>
        <Button
          variant="danger"
          isDisabled={rollBack.isPending}
          onPress={() => rollBack.mutate({ key: calledOf(rotation) }, { onSuccess: onClose })}
        >
          Roll back
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
