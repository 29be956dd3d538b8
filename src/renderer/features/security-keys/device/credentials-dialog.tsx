import { Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { Result } from '../../../../contract/methods.ts';
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

/** The credentials (passkeys) that are kept on a key, whoever made them. The PIN is kept while the dialog is open, and wiped with it. */
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
  const pin = useRef<Uint8Array | null>(null);
  const [pinError, setPinError] = useState<string | null>(null);
  const [listed, setListed] = useState<Listed | null>(null);
  const [removing, setRemoving] = useState<Credential | null>(null);
  const work = useKeyWork('manage');
  useEffect(() => () => wipe(pin.current ?? undefined), []);

  const withPin = async (seal: Parameters<Parameters<typeof callSealed>[1]>[0]) => ({
    device: device.id,
    ...(pin.current === null ? {} : { pin: await seal('security-key-pin', pin.current) }),
  });
  const list = async () => {
    const typed = typedPin(field);
    if (wantsPin(info) && typed === null) {
      setPinError('Type the PIN of the key.');
      return;
    }
    pin.current = typed;
    const done = await work.run(async () => setListed(await callSealed('mfa.credentials', withPin)));
    if (done) return;
    wipe(pin.current ?? undefined);
    field.current?.clear();
    picked.refetch();
  };
  const remove = async (credential: Credential) => {
    const done = await work.run(async () => {
      await callSealed('mfa.removeCredential', async (seal) => ({
        ...(await withPin(seal)),
        credentialId: credential.credentialId,
      }));
      setListed(await callSealed('mfa.credentials', withPin));
    });
    if (!done) return;
    notify({ message: `The credential of ${credential.rpId} is no longer on ${device.name}.` });
    setRemoving(null);
  };
  const complaint = work.error === null ? null : pinComplaint(work.error);
  return (
    <Dialog
      title={`Credentials on ${device.name}`}
      isOpen
      onClose={onClose}
      {...(removing === null ? {} : { onStepBack: () => setRemoving(null) })}
    >
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working && listed === null && picked.ready) void list();
        }}
      >
        <DialogBody>
          <KeyWorkArea work={work}>
            {removing !== null ? (
              <Callout tone="warning" title={`Delete the credential of ${removing.rpId}?`}>
                {removing.userName ?? 'Its person'} cannot sign in there with this key any more. Nothing brings it back.
              </Callout>
            ) : listed !== null ? (
              <CredentialList listed={listed} onRemove={setRemoving} />
            ) : (
              <>
                <p className="text-muted">Passkeys that web sites, or Keyhold, have put on this key.</p>
                <KeyPicker
                  chosen={chosen}
                  picked={picked}
                  pin={field}
                  askPin
                  pinError={pinError ?? complaint}
                  onPinEdit={() => {
                    setPinError(null);
                    work.forgetError();
                  }}
                  autoFocus
                />
              </>
            )}
            {work.error !== null && complaint === null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          {removing !== null ? (
            <>
              <Button onPress={() => setRemoving(null)}>Keep it</Button>
              <Button variant="danger" isDisabled={work.working} onPress={() => void remove(removing)}>
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
