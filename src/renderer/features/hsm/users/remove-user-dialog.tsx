import type { HsmUserInfo } from '../../../../contract/hsm-users.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { callAsUser } from './hsm-login.ts';
import { Refused } from './refused.tsx';
import { ROLE_WORDS } from './role-words.ts';
import { useWork } from './use-work.ts';

export function RemoveUserDialog({ user, onClose }: { user: HsmUserInfo; onClose: () => void }) {
  const { working, error, run } = useWork();
  const { name } = user;
  const remove = () =>
    run(async () => {
      await callAsUser('hsm.userRemove', async (session) => ({ session, name }));
      notify({ message: `${name} is no user of the HSM any more.` });
      onClose();
    });
  return (
    <Dialog title={`Remove ${name}?`} isOpen onClose={onClose} role="alertdialog" width="small">
      <DialogBody>
        <p>
          The {ROLE_WORDS[user.role]} {name} cannot log in any more, and what {name} has approved no longer counts.
        </p>
        {user.signing?.key === 'held' && <p className="text-muted">The signing key kept for {name} is destroyed.</p>}
        {error !== null && <Refused error={error} act={{ do: 'remove-user', name }} onAsked={onClose} />}
      </DialogBody>
      <DialogFooter>
        <Button autoFocus onPress={onClose}>
          Cancel
        </Button>
        <Button variant="danger" isDisabled={working} onPress={() => void remove()}>
          Remove {name}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
