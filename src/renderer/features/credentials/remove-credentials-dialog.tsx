import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Credential } from '../../../contract/credentials.ts';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { notify } from '../../ui/toast-store.ts';
import { isInIam, removeWords } from './remove-words.ts';

/** Says what stays at AWS, where something does, and deletes it there too if that is wanted. */
export function RemoveCredentialsDialog({
  credentials,
  onClose,
}: {
  credentials: readonly Credential[];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [atAws, setAtAws] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  // Those that are gone already, if one after them was refused.
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const gone = useGone();
  const left = credentials.filter(({ id }) => !removed.has(id));
  const { what, text } = removeWords(left, atAws);
  const remove = async () => {
    setWorking(true);
    setError(null);
    const done = new Set(removed);
    const told = () =>
      removeWords(
        credentials.filter(({ id }) => done.has(id)),
        atAws,
      ).what;
    try {
      for (const one of left) {
        if (gone.current) break;
        await call('credential.remove', { name: one.name, atAws: atAws && isInIam(one) });
        done.add(one.id);
        setRemoved(new Set(done));
      }
      const kept = credentials.length - done.size;
      notify({
        message: kept === 0 ? `Removed ${told()}.` : `Removed ${told()}; ${kept} not, as the dialog was closed.`,
      });
      if (!gone.current) onClose();
    } catch (caught) {
      const wire = asWireError(caught);
      if (gone.current) notify({ message: wire.message, tone: 'error' });
      else setError(wire);
    } finally {
      await refresh(queries, 'credentials', 'rotations');
      setWorking(false);
    }
  };
  return (
    <Dialog title={`Remove ${what}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
      <DialogBody>
        {left.length > 1 && (
          <p className="font-medium break-words">
            {listNames(
              left.map(({ name }) => name),
              12,
            )}
          </p>
        )}
        <p>{text}</p>
        {left.some(isInIam) && (
          <Checkbox isSelected={atAws} onChange={setAtAws}>
            Delete {left.length === 1 ? 'it' : 'them'} in IAM first
          </Checkbox>
        )}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep
        </Button>
        <Button variant="danger" isDisabled={working} onPress={() => void remove()}>
          {working ? 'Removing…' : atAws ? 'Delete and remove' : 'Remove'}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
