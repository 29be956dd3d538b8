import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { Seal } from '../../../../client/client.ts';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { Params } from '../../../../contract/methods.ts';
import type { SecurityKey, SecurityKeyDevice, SecurityKeyInfo } from '../../../../contract/mfa.ts';
import { Name } from '../../../../contract/schemas.ts';
import { asWireError } from '../../../api/error.ts';
import { callSealed } from '../../../api/keyhold.ts';
import { refresh } from '../../../api/queries.ts';
import { matches, useForm } from '../../../lib/use-form.ts';
import { Button } from '../../../ui/button.tsx';
import { DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { TextField } from '../../../ui/field.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';
import { NewPassword, type NewPasswordHandle } from '../../create/new-password.tsx';
import { SecretPrompt, type SecretPromptHandle } from '../../settings/secret-prompt.tsx';
import { KeyTrouble } from '../device/device-trouble.tsx';
import { typedPin } from '../device/key-picker.tsx';
import { pinComplaint, pinHint, wantsPin } from '../key-words.ts';
import { type How, howCards, howOf } from '../slot/how-cards.ts';
import { addKeySlot } from '../slot/key-slot.ts';
import { KEY_FORM, KeyWorkArea } from '../touch-panel.tsx';
import { useKeyWork } from '../use-key-work.ts';

type SealSecret = (seal: Seal) => Promise<Params<'vault.unlock'>['secret']>;

/** Name, use, PIN and the vault's password; then the touches. What was typed is used for both steps and wiped after them. */
export function EnrolForm({
  device,
  info,
  taken,
  onPinTried,
  onDone,
  onClose,
}: {
  device: SecurityKeyDevice;
  info: Extract<SecurityKeyInfo, { kind: 'fido' }>;
  taken: readonly string[];
  onPinTried: () => void;
  /** `trouble`: why it does not open the vault although that was wanted. */
  onDone: (key: SecurityKey, trouble: string | null) => void;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [how, setHow] = useState<How>(info.canUnlock ? 'password' : 'none');
  const [byPassword, setByPassword] = useState(true);
  const [pinError, setPinError] = useState<string | null>(null);
  const [second, setSecond] = useState(false);
  const pin = useRef<SecretHandle>(null);
  const authorize = useRef<SecretPromptHandle>(null);
  const ownPassword = useRef<NewPasswordHandle>(null);
  const work = useKeyWork('enroll', 'slot', 'authorize');
  const form = useForm(
    { name: '' },
    {
      name: (value) => (taken.includes(value.trim()) ? 'Another key has this name.' : matches(Name)(value.trim())),
    },
  );
  const name = form.values.name.trim();
  const verified = info.pin === 'set' || info.builtInVerification === 'set';

  const letOpen = async (
    key: SecurityKey,
    pinBytes: Uint8Array | null,
    password: Uint8Array | null,
    seal: SealSecret,
  ) => {
    if (how === 'none') return null;
    setSecond(true);
    try {
      await addKeySlot(
        {
          label: key.name,
          key: { kind: 'fido2', name: key.name, device: device.id, pin: pinBytes },
          password: how === 'password' ? password : null,
          alone: how === 'alone' && !verified,
        },
        seal,
      );
      return null;
    } catch (error) {
      // It is enrolled all the same.
      return asWireError(error).message;
    }
  };
  const enrol = async () => {
    if (!form.validate()) return;
    const pinBytes = typedPin(pin);
    if (wantsPin(info) && pinBytes === null) {
      setPinError('Type the PIN of the key.');
      pin.current?.focus();
      return;
    }
    const needsOwn = how === 'password' && !byPassword;
    const own = needsOwn ? ((await ownPassword.current?.take()) ?? null) : null;
    if (needsOwn && own === null) return;
    setSecond(false);
    await work.run(async () => {
      try {
        await authorize.current?.use(async (sealSecret, typed) => {
          const key = await callSealed('mfa.enroll', async (seal) => ({
            name,
            device: device.id,
            ...(pinBytes === null ? {} : { pin: await seal('security-key-pin', pinBytes) }),
            authorize: await sealSecret(seal),
          }));
          const trouble = await letOpen(key, pinBytes, own ?? typed, sealSecret);
          await refresh(queries, 'securityKeys', 'slots');
          onDone(key, trouble);
        });
      } catch (error) {
        if (asWireError(error).code !== 'WrongSecret') throw error;
        authorize.current?.refuse();
      } finally {
        wipe(pinBytes ?? undefined);
        wipe(own ?? undefined);
        onPinTried();
      }
    });
  };
  const complaint = work.error === null ? null : pinComplaint(work.error);
  return (
    <Form
      className={KEY_FORM}
      onSubmit={(event) => {
        event.preventDefault();
        if (!work.working) void enrol();
      }}
    >
      <DialogBody>
        <KeyWorkArea
          work={work}
          {...(how === 'none'
            ? {}
            : { note: second ? 'Once more, so that it opens the vault.' : 'First of two touches.' })}
        >
          <TextField
            label="Name"
            placeholder="blue, on my key ring"
            hint="What you call the key when you mean this one."
            autoFocus
            {...form.field('name')}
          />
          {info.canUnlock && (
            <RadioCards
              label="Unlock the vault with it too?"
              cards={howCards({ verified, optional: true }).filter(({ id }) => verified || id !== 'alone')}
              value={how}
              onChange={(id) => setHow(howOf(id))}
            />
          )}
          {(wantsPin(info) || pinError !== null || complaint !== null) && (
            <SecretField
              label="PIN of the key"
              handle={pin}
              hint={pinHint(info)}
              error={pinError ?? complaint}
              onEdit={() => {
                setPinError(null);
                work.forgetError();
              }}
            />
          )}
          {how === 'password' && !byPassword && (
            <NewPassword handle={ownPassword} label="Password to use with the key" />
          )}
          <SecretPrompt
            handle={authorize}
            label="Your vault’s password"
            onFactor={(factor) => setByPassword(factor === 'password')}
          />
          {work.error !== null && complaint === null && <KeyTrouble error={work.error} />}
        </KeyWorkArea>
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={work.working}>
          Enrol the key
        </Button>
      </DialogFooter>
    </Form>
  );
}
