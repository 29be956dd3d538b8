import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { HsmUsers, QuorumAct } from '../../../../contract/hsm-users.ts';
import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { Select } from '../../../ui/select.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { callAsUser } from './hsm-login.ts';
import { RecoveryCodesNote } from './recovery-codes-note.tsx';
import { Refused } from './refused.tsx';
import { useWork } from './use-work.ts';

/** How many officers decide on what, and whether keys need a login: each change by itself, because each may need its own approval. */
export function QuorumDialog({ users, onClose }: { users: HsmUsers; onClose: () => void }) {
  const officers = users.users.filter(({ role }) => role === 'crypto-officer').length;
  const [key, setKey] = useState(users.quorum.key);
  const [user, setUser] = useState(users.quorum.user);
  const [needsLogin, setNeedsLogin] = useState(users.keyUseNeedsLogin);
  const [act, setAct] = useState<QuorumAct | null>(null);
  const { working, error, run } = useWork();
  const changes: QuorumAct[] = [
    ...(needsLogin === users.keyUseNeedsLogin ? [] : [{ do: 'set-key-use' as const, needsLogin }]),
    ...(user === users.quorum.user ? [] : [{ do: 'set-quorum' as const, service: 'user' as const, required: user }]),
    // Last: once it is set, whatever follows needs that many officers.
    ...(key === users.quorum.key ? [] : [{ do: 'set-quorum' as const, service: 'key' as const, required: key }]),
  ];
  const save = () =>
    run(async () => {
      for (const change of changes) {
        setAct(change);
        if (change.do === 'set-key-use') {
          await callAsUser('hsm.keyUseSet', async (session) => ({ session, needsLogin: change.needsLogin }));
        } else if (change.do === 'set-quorum') {
          const { service, required } = change;
          await callAsUser('hsm.quorumSet', async (session) => ({ session, service, required }));
        }
      }
      notify({ message: 'The quorum is set.' });
      onClose();
    });
  const choices = Array.from({ length: officers + 1 }, (_, required) => ({
    id: String(required),
    label: required === 0 ? 'No approval' : `${required} of ${officers} officers`,
  }));
  return (
    <Dialog title="Quorum" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working && changes.length > 0) void save();
        }}
      >
        <DialogBody>
          <Select
            label="To destroy or export key material"
            choices={choices}
            value={String(key)}
            onChange={(id) => setKey(Number(id))}
            hint="Also asked of ScheduleKeyDeletion, and before an account is emptied."
          />
          <Select
            label="To manage users"
            choices={choices}
            value={String(user)}
            onChange={(id) => setUser(Number(id))}
            hint="Without it, one officer is enough. For officers and the quorum itself, the higher of both counts."
          />
          <Checkbox isSelected={needsLogin} onChange={setNeedsLogin}>
            KMS keys work only while a crypto user is logged in
          </Checkbox>
          <RecoveryCodesNote codes={users.recoveryCodes} />
          {error !== null && act !== null && <Refused error={error} act={act} onAsked={onClose} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working || changes.length === 0}>
            Set the quorum
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
