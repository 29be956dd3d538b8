import { type ReactNode, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { HsmUserInfo } from '../../../../contract/hsm-users.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';
import { Select } from '../../../ui/select.tsx';
import { ROLE_WORDS } from './role-words.ts';
import { useWork } from './use-work.ts';

/** A user's name and password: to log in, or to approve something. */
export function UserPasswordDialog({
  title,
  submit,
  children,
  users,
  onDone,
  onClose,
}: {
  title: string;
  submit: string;
  children?: ReactNode;
  users: readonly HsmUserInfo[];
  /** The password is wiped afterwards. */
  onDone: (name: string, password: Uint8Array) => Promise<void>;
  onClose: () => void;
}) {
  const password = useRef<SecretHandle>(null);
  const [name, setName] = useState<string | null>(users[0]?.name ?? null);
  const [empty, setEmpty] = useState<string | null>(null);
  const { working, error, run } = useWork();
  const send = () => {
    if (name === null) return;
    if (password.current?.isEmpty() !== false) {
      setEmpty('Type the password.');
      password.current?.focus();
      return;
    }
    const bytes = password.current.bytes();
    void run(async () => {
      try {
        await onDone(name, bytes);
        onClose();
      } catch (caught) {
        password.current?.clear();
        password.current?.focus();
        throw caught;
      } finally {
        wipe(bytes);
      }
    });
  };
  return (
    <Dialog title={title} isOpen onClose={onClose} width="small">
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) send();
        }}
      >
        <DialogBody>
          {children}
          <Select
            label="User"
            choices={users.map((user) => ({ id: user.name, label: user.name, note: ROLE_WORDS[user.role] }))}
            value={name}
            onChange={setName}
          />
          <SecretField label="Password" handle={password} autoFocus error={empty} onEdit={() => setEmpty(null)} />
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working || name === null}>
            {working ? 'Checking…' : submit}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
