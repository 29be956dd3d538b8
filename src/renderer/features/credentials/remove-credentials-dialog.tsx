import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Credential } from '../../../contract/credentials.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { progressWords, useEach } from '../../lib/use-each.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
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
  const { left, progress, error, run } = useEach({
    items: credentials,
    nameOf: ({ name }) => name,
    told: (done) => ({ message: `Removed ${removeWords(done, atAws).what}` }),
    after: () => refresh(queries, 'credentials', 'rotations'),
    onClose,
  });
  const { what, text } = removeWords(left, atAws);
  const remove = () => run((one) => call('credential.remove', { name: one.name, atAws: atAws && isInIam(one) }));
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
        <Button variant="danger" isDisabled={progress !== null} onPress={() => void remove()}>
          {progress !== null ? progressWords('Removing', progress) : atAws ? 'Delete and remove' : 'Remove'}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
