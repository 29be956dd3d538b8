import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { HsmRole, HsmUserInfo } from '../../../../contract/hsm-users.ts';
import { Name } from '../../../../contract/schemas.ts';
import { callSealed } from '../../../api/keyhold.ts';
import { matches, useForm } from '../../../lib/use-form.ts';
import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { TextField } from '../../../ui/field.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { NewPassword, type NewPasswordHandle } from '../../create/new-password.tsx';
import { SecretPrompt, type SecretPromptHandle } from '../../settings/secret-prompt.tsx';
import { callAsUser } from './hsm-login.ts';
import { RecoveryCodesNote } from './recovery-codes-note.tsx';
import { Refused } from './refused.tsx';
import { ROLE_WORDS } from './role-words.ts';
import { useWork } from './use-work.ts';

const ROLES = [
  {
    id: 'crypto-officer',
    title: 'Crypto officer',
    text: 'Manages users and the quorum, and approves what it guards.',
  },
  { id: 'crypto-user', title: 'Crypto user', text: 'Lets keys be used, where that needs a login.' },
] as const;

/** Adds a user; without any, the first officer, for which the vault's owner answers. */
export function AddUserDialog({
  first,
  recoveryCodes,
  onClose,
}: {
  first: boolean;
  recoveryCodes: number;
  onClose: () => void;
}) {
  const owner = useRef<SecretPromptHandle>(null);
  const password = useRef<NewPasswordHandle>(null);
  const [role, setRole] = useState<HsmRole>('crypto-officer');
  const [ownKey, setOwnKey] = useState(false);
  const form = useForm(
    { name: '', key: '' },
    {
      name: matches(Name),
      key: (value) => (ownKey && !value.includes('BEGIN PUBLIC KEY') ? 'Paste a public key in PEM.' : null),
    },
  );
  const { working, error, run } = useWork();
  const name = form.values.name.trim();
  const publicKey = ownKey && role === 'crypto-officer' ? { publicKey: form.values.key } : {};

  const add = (bytes: Uint8Array): Promise<HsmUserInfo | null | undefined> => {
    if (!first) {
      return callAsUser('hsm.userAdd', async (session, seal) => ({
        session,
        name,
        role,
        password: await seal('hsm-password', bytes),
        ...publicKey,
      }));
    }
    const init = owner.current?.use((sealSecret) =>
      callSealed('hsm.usersInit', async (seal) => ({
        authorize: await sealSecret(seal),
        name,
        password: await seal('hsm-password', bytes),
        ...publicKey,
      })),
    );
    return init ?? Promise.resolve(null);
  };
  const send = async () => {
    if (!form.validate()) return;
    const bytes = await password.current?.take();
    if (bytes === null || bytes === undefined) return;
    await run(async () => {
      try {
        const user = await add(bytes);
        if (user === null || user === undefined) return;
        notify({ message: `${user.name} is a ${ROLE_WORDS[user.role]} of the HSM.` });
        onClose();
      } finally {
        wipe(bytes);
      }
    });
  };
  return (
    <Dialog title={first ? 'The first crypto officer' : 'Add a user'} isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void send();
        }}
      >
        <DialogBody>
          {first && (
            <p className="text-muted">
              From then on users are managed by officers, not by who knows the vault’s password. If all officers are
              lost, the vault’s recovery code removes them.
            </p>
          )}
          {first && <RecoveryCodesNote codes={recoveryCodes} />}
          <TextField label="Name" autoFocus {...form.field('name')} />
          {!first && (
            <RadioCards
              label="Role"
              cards={ROLES}
              value={role}
              onChange={(id) => setRole(id === 'crypto-user' ? 'crypto-user' : 'crypto-officer')}
            />
          )}
          <NewPassword handle={password} label="Password of the user" />
          {role === 'crypto-officer' && (
            <Checkbox isSelected={ownKey} onChange={setOwnKey}>
              Approves with a key of their own, not with the password
            </Checkbox>
          )}
          {role === 'crypto-officer' && ownKey && (
            <TextField
              label="Public key"
              mono
              multiline
              placeholder="-----BEGIN PUBLIC KEY-----"
              hint="RSA-2048 or P-256, as PEM: openssl pkey -in alice.pem -pubout"
              {...form.field('key')}
            />
          )}
          {first && <SecretPrompt handle={owner} label="Password of the vault" />}
          {error !== null && (
            <Refused error={error} act={{ do: 'add-user', name, role, ...publicKey }} onAsked={onClose} />
          )}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working}>
            {working ? 'Adding…' : first ? 'Make the officer' : 'Add the user'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
