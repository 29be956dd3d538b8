import { Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { Seal } from '../../../../client/client.ts';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { Params, Result } from '../../../../contract/methods.ts';
import type { SecurityKeyDevice, SecurityKeyInfo } from '../../../../contract/mfa.ts';
import { callSealed } from '../../../api/keyhold.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Callout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import type { SecretHandle } from '../../../ui/secret-field.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { credentialsLeft, pinComplaint, wantsPin } from '../key-words.ts';
import { KEY_FORM, KeyWorkArea } from '../touch-panel.tsx';
import { useKeyWork } from '../use-key-work.ts';
import { useChosenDevice } from './device-choice.tsx';
import { KeyTrouble } from './device-trouble.tsx';
import { KeyPicker, typedPin, usePickedKey } from './key-picker.tsx';

type Listed = Result<'mfa.credentials'>;
type Credential = Listed['credentials'][number];
type WithPin = (seal: Seal) => Promise<Params<'mfa.credentials'>>;

/** The credentials (passkeys) that are kept on a key, whoever made them. Nothing keeps the PIN: each removal asks for it again. */
export function CredentialsDialog({
  device,
  info,
  onClose,
}: {
  device: SecurityKeyDevice;
  info: Extract<SecurityKeyInfo, { kind: 'fido' }>;
  onClose: () => void;
}) {
  const chosen = useChosenDevice((one) => one.id === device.id);
  const picked = usePickedKey(chosen);
  const field = useRef<SecretHandle>(null);
  const [pinError, setPinError] = useState<string | null>(null);
  const [listed, setListed] = useState<Listed | null>(null);
  const [removing, setRemoving] = useState<Credential | null>(null);
  const work = useKeyWork('manage');

  /** With the PIN that was typed, which is wiped afterwards however it ends. */
  const ask = async (run: (withPin: WithPin) => Promise<void>): Promise<boolean> => {
    const typed = typedPin(field);
    if (wantsPin(info) && typed === null) {
      setPinError('Type the PIN of the key.');
      field.current?.focus();
      return false;
    }
    try {
      return await work.run(() =>
        run(async (seal) => ({
          device: device.id,
          ...(typed === null ? {} : { pin: await seal('security-key-pin', typed) }),
        })),
      );
    } finally {
      wipe(typed ?? undefined);
      field.current?.clear();
      picked.refetch();
    }
  };
  const list = () => ask(async (withPin) => setListed(await callSealed('mfa.credentials', withPin)));
  const remove = async (credential: Credential) => {
    const { credentialId, rpId } = credential;
    const done = await ask(async (withPin) => {
      await callSealed('mfa.removeCredential', async (seal) => ({ ...(await withPin(seal)), credentialId }));
    });
    if (!done) return;
    setListed((before) => before && without(before, credentialId));
    notify({ message: `The credential of ${rpId} is no longer on ${device.name}.` });
    setRemoving(null);
  };
  const edited = () => {
    setPinError(null);
    work.forgetError();
  };
  const turnTo = (credential: Credential | null) => {
    edited();
    setRemoving(credential);
  };
  const complaint = work.error === null ? null : pinComplaint(work.error);
  return (
    <Dialog
      title={`Credentials on ${device.name}`}
      isOpen
      onClose={onClose}
      {...(removing === null ? {} : { onStepBack: () => turnTo(null) })}
    >
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (work.working || !picked.ready) return;
          if (removing !== null) void remove(removing);
          else if (listed === null) void list();
        }}
      >
        <DialogBody>
          <KeyWorkArea work={work}>
            {removing !== null ? (
              <Callout tone="warning" title={`Delete the credential of ${removing.rpId}?`}>
                {removing.userName ?? 'Its person'} cannot sign in there with this key any more. Nothing brings it back.
              </Callout>
            ) : listed !== null ? (
              <CredentialList listed={listed} onRemove={turnTo} />
            ) : (
              <p className="text-muted">Passkeys that web sites, or Keyhold, have put on this key.</p>
            )}
            {(removing !== null || listed === null) && (
              <KeyPicker
                chosen={chosen}
                picked={picked}
                pin={field}
                askPin
                pinError={pinError ?? complaint}
                onPinEdit={edited}
                autoFocus
              />
            )}
            {work.error !== null && complaint === null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          {removing !== null ? (
            <>
              <Button onPress={() => turnTo(null)}>Keep it</Button>
              <Button type="submit" variant="danger" isDisabled={work.working || !picked.ready}>
                Delete the credential
              </Button>
            </>
          ) : listed !== null ? (
            <Button onPress={onClose}>Close</Button>
          ) : (
            <>
              <Button onPress={onClose}>Cancel</Button>
              <Button type="submit" variant="primary" isDisabled={work.working || !picked.ready}>
                Show them
              </Button>
            </>
          )}
        </DialogFooter>
      </Form>
    </Dialog>
  );
}

function without({ credentials, remaining, ...rest }: Listed, credentialId: string): Listed {
  const left = credentials.filter((one) => one.credentialId !== credentialId);
  return { ...rest, credentials: left, remaining: remaining === null ? null : remaining + 1 };
}

function CredentialList({ listed, onRemove }: { listed: Listed; onRemove: (credential: Credential) => void }) {
  return (
    <>
      {listed.credentials.length === 0 ? (
        <p>There are none on this key.</p>
      ) : (
        <ul className="flex flex-col rounded-control border border-line">
          {listed.credentials.map((credential) => (
            <li
              key={credential.credentialId}
              className="flex min-h-10 items-center gap-3 border-t border-line px-3 py-1.5 first:border-t-0"
            >
              <span className="flex min-w-0 flex-1 flex-col">
                <span className="truncate font-medium">{credential.rpId}</span>
                <span className="truncate text-muted">
                  {credential.userDisplayName ?? credential.userName ?? credential.credentialId.slice(0, 16)}
                </span>
              </span>
              <IconButton
                label={`Delete the credential of ${credential.rpId}`}
                icon={<Trash2 size={16} aria-hidden="true" />}
                onPress={() => onRemove(credential)}
              />
            </li>
          ))}
        </ul>
      )}
      {listed.remaining !== null && <p className="text-muted">{credentialsLeft(listed.remaining)}.</p>}
    </>
  );
}
