import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../../client/import/credential-values.ts';
import { asWireError } from '../../../api/error.ts';
import { refresh } from '../../../api/queries.ts';
import { useForm } from '../../../lib/use-form.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout } from '../../../ui/callout.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { TextField } from '../../../ui/field.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import type { SecretHandle } from '../../../ui/secret-field.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { NewPassword, type NewPasswordHandle } from '../../create/new-password.tsx';
import { SecretPrompt, type SecretPromptHandle } from '../../settings/secret-prompt.tsx';
import { useChosenDevice } from '../device/device-choice.tsx';
import { KeyTrouble } from '../device/device-trouble.tsx';
import { KeyPicker, typedPin, usePickedKey } from '../device/key-picker.tsx';
import { useSecurityKeys } from '../key-queries.ts';
import { pinComplaint, wantsPin } from '../key-words.ts';
import { KEY_FORM, KeyWorkArea } from '../touch-panel.tsx';
import { useKeyWork } from '../use-key-work.ts';
import { type How, howCards, howOf } from './how-cards.ts';
import { addKeySlot } from './key-slot.ts';
import { SlotSource, type Source } from './slot-source.tsx';

/** Lets a key open the vault: one that it knows, or the challenge-response of a YubiKey. */
export function AddKeySlotDialog({
  keyName,
  device: deviceId,
  onClose,
}: {
  /** Of the vault; then nothing is left to choose from. */
  keyName?: string;
  /** One with a challenge-response. */
  device?: string;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const keys = (useSecurityKeys().data ?? []).filter((key) => key.canUnlock);
  const [source, setSource] = useState<Source>(startOf(keyName, deviceId));
  const [how, setHow] = useState<How>('password');
  const [sure, setSure] = useState(false);
  const [byPassword, setByPassword] = useState(true);
  const [pinError, setPinError] = useState<string | null>(null);
  const pin = useRef<SecretHandle>(null);
  const authorize = useRef<SecretPromptHandle>(null);
  const ownPassword = useRef<NewPasswordHandle>(null);
  const work = useKeyWork('slot', 'authorize');
  const form = useForm(
    { label: keyName ?? (deviceId === undefined ? '' : 'YubiKey') },
    {
      label: (value) =>
        value.trim() === '' ? 'Give it a name.' : value.length > 64 ? 'A name has at most 64 characters.' : null,
    },
  );
  const known = source?.kind === 'fido2' ? keys.find(({ name }) => name === source.name) : undefined;
  const verified = known?.userVerification === true;
  const chosen = useChosenDevice((device) => device.kind === (source?.kind === 'fido2' ? 'fido' : 'otp'), {
    initial: deviceId ?? null,
    model: known?.model,
  });
  const picked = usePickedKey(chosen);
  const warned = how !== 'alone' || verified || sure;
  const ready = source !== null && picked.ready && warned;

  const add = async () => {
    const device = chosen.device;
    if (device === null || source === null || !form.validate()) return;
    const pinBytes = typedPin(pin);
    if (verified && wantsPin(picked.info) && pinBytes === null) {
      setPinError('Type the PIN of the key.');
      pin.current?.focus();
      return;
    }
    const needsOwn = how === 'password' && !byPassword;
    const own = needsOwn ? ((await ownPassword.current?.take()) ?? null) : null;
    if (needsOwn && own === null) return;
    const key =
      source.kind === 'fido2'
        ? { kind: source.kind, name: source.name, device: device.id, pin: pinBytes }
        : { kind: source.kind, device: device.id, otpSlot: source.otpSlot };
    await work.run(async () => {
      try {
        const made = await authorize.current?.use((sealSecret, typed) =>
          addKeySlot(
            {
              label: form.values.label.trim(),
              key,
              password: how === 'password' ? (own ?? typed) : null,
              alone: how === 'alone' && !verified,
            },
            sealSecret,
          ),
        );
        if (made === null || made === undefined) return;
        notify({ message: `“${made.label}” opens the vault from now on.` });
        await refresh(queries, 'slots', 'securityKeys');
        onClose();
      } catch (error) {
        if (asWireError(error).code !== 'WrongSecret') throw error;
        authorize.current?.refuse();
      } finally {
        wipe(pinBytes ?? undefined);
        wipe(own ?? undefined);
      }
    });
    picked.refetch();
  };
  const complaint = work.error === null ? null : pinComplaint(work.error);
  return (
    <Dialog
      title={keyName === undefined ? 'Unlock with a security key' : `Unlock with ${keyName}`}
      isOpen
      onClose={onClose}
    >
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working && ready) void add();
        }}
      >
        <DialogBody>
          <KeyWorkArea work={work}>
            {keyName === undefined && (
              <SlotSource
                keys={keys}
                value={source}
                onChange={(next) => {
                  setSource(next);
                  if (form.values.label === '' || keys.some(({ name }) => name === form.values.label)) {
                    form.set('label', next?.kind === 'fido2' ? next.name : 'YubiKey');
                  }
                }}
              />
            )}
            {source !== null && (
              <>
                <KeyPicker
                  chosen={chosen}
                  meant={known?.name}
                  picked={picked}
                  pin={pin}
                  askPin={verified}
                  pinError={pinError ?? complaint}
                  onPinEdit={() => {
                    setPinError(null);
                    work.forgetError();
                  }}
                />
                <RadioCards
                  label="How it opens the vault"
                  cards={howCards({ verified, optional: false })}
                  value={how}
                  onChange={(id) => setHow(howOf(id))}
                />
                {how === 'alone' && !verified && (
                  <Callout tone="warning" title="There is no PIN between a thief and the vault">
                    <Checkbox isSelected={sure} onChange={setSure}>
                      I keep this key as I would keep the password itself
                    </Checkbox>
                  </Callout>
                )}
                <TextField label="Name of this way in" {...form.field('label')} />
                {how === 'password' && !byPassword && (
                  <NewPassword handle={ownPassword} label="Password to use with the key" />
                )}
                <SecretPrompt
                  handle={authorize}
                  label="Your password"
                  onFactor={(factor) => setByPassword(factor === 'password')}
                />
              </>
            )}
            {work.error !== null && complaint === null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={work.working || !ready}>
            Let it open the vault
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}

function startOf(keyName: string | undefined, device: string | undefined): Source {
  if (keyName !== undefined) return { kind: 'fido2', name: keyName };
  return device === undefined ? null : { kind: 'yubikey-hmac-sha1', otpSlot: 2 };
}
