import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SignIn } from '../../../contract/sign-ins.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { listNames, plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { notify } from '../../ui/toast-store.ts';

/** A sign-in goes with the profiles that work with it, or not at all. */
export function RemoveSignInDialog({ signIn, onClose }: { signIn: SignIn; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useChange('signIn.remove', 'profiles', 'clients', 'sessions');
  const [cascade, setCascade] = useState(false);
  const { profiles } = signIn;
  return (
    <Dialog title={`Remove the sign-in “${signIn.name}”?`} role="alertdialog" isOpen onClose={onClose}>
      <DialogBody>
        <p>You are signed out of it, and what it was set up with is forgotten. Nothing changes on the other side.</p>
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
          onPress={() =>
            remove.mutate(
              { name: signIn.name, cascade },
              {
                onSuccess: () => {
                  void queries.invalidateQueries({ queryKey: ['signIns'] });
                  notify({ message: `Removed the sign-in “${signIn.name}”.` });
                  onClose();
                },
              },
            )
          }
        >
          Remove
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
