import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { HsmUserInfo } from '../../../../contract/hsm-users.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';
import { Select } from '../../../ui/select.tsx';
import { KeyTrouble } from '../../security-keys/device/device-trouble.tsx';
import { KEY_FORM, KeyWorkArea } from '../../security-keys/touch-panel.tsx';
import { useKeyWork } from '../../security-keys/use-key-work.ts';
import { ROLE_WORDS } from './role-words.ts';

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
  const queries = useQueryClient();
  // An approval may want a touch.
  const work = useKeyWork('gate');
  const send = () => {
    if (name === null) return;
    if (password.current?.isEmpty() !== false) {
      setEmpty('Type the password.');
      password.current?.focus();
      return;
    }
    const bytes = password.current.bytes();
    void work.run(async () => {
      try {
        await onDone(name, bytes);
        onClose();
      } catch (caught) {
        password.current?.clear();
        password.current?.focus();
        throw caught;
      } finally {
        wipe(bytes);
        await queries.invalidateQueries({ queryKey: ['hsm'] });
      }
    });
  };
  return (
    <Dialog title={title} isOpen onClose={onClose} width="small">
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working) send();
        }}
      >
        <DialogBody>
          {/* Only with a prompt: without one, it is the password that takes its time. */}
          <KeyWorkArea work={{ ...work, working: work.prompt !== null }}>
            {children}
            <Select
              label="User"
              choices={users.map((user) => ({ id: user.name, label: user.name, note: ROLE_WORDS[user.role] }))}
              value={name}
              onChange={setName}
            />
            <SecretField label="Password" handle={password} autoFocus error={empty} onEdit={() => setEmpty(null)} />
            {work.error !== null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={work.working || name === null}>
            {work.working ? 'Checking…' : submit}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
