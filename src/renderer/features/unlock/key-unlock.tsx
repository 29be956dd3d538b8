import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { SlotInfo } from '../../../contract/schemas.ts';
import { asWireError, retryAfter } from '../../api/error.ts';
import { refreshStatus } from '../../api/live.ts';
import { Button } from '../../ui/button.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { useChosenDevice } from '../security-keys/device/device-choice.tsx';
import { KeyTrouble } from '../security-keys/device/device-trouble.tsx';
import { KeyPicker, typedPin, usePickedKey } from '../security-keys/device/key-picker.tsx';
import { pinComplaint, wantsPin } from '../security-keys/key-words.ts';
import { KeyWorkArea } from '../security-keys/touch-panel.tsx';
import { useKeyWork } from '../security-keys/use-key-work.ts';
import { TooSoon } from './too-soon.tsx';
import type { UnlockFormProps } from './typed-unlock.tsx';
import { UnlockError } from './unlock-error.tsx';
import { useUnlock } from './use-unlock.ts';

/** Unlocks with a security key, alone or with a password. `ways` are those that it may take. */
export function KeyUnlock({
  ways,
  withPassword,
  left,
  wait,
  isDown,
  onWorking,
}: UnlockFormProps & { ways: readonly SlotInfo[]; withPassword: boolean }) {
  const queries = useQueryClient();
  const open = useUnlock();
  const password = useRef<SecretHandle>(null);
  const pin = useRef<SecretHandle>(null);
  const [passwordError, setPasswordError] = useState<string | null>(null);
  const [pinError, setPinError] = useState<string | null>(null);
  const work = useKeyWork('unlock');
  const takes = (factor: SlotInfo['factors'][number]) => ways.some(({ factors }) => factors.includes(factor));
  const chosen = useChosenDevice(({ kind }) => takes(kind === 'fido' ? 'fido2' : 'yubikey-hmac-sha1'));
  const picked = usePickedKey(chosen);
  const asksPin = ways.some(({ userVerification }) => userVerification === true);
  // A way in that wants both of a key's interfaces finds them by itself.
  const both = ways.some(({ factors }) => factors.includes('fido2') && factors.includes('yubikey-hmac-sha1'));

  const unlock = async (acceptRollback: boolean) => {
    if (withPassword && password.current?.isEmpty() !== false) {
      setPasswordError('Type your password.');
      password.current?.focus();
      return;
    }
    const pinBytes = typedPin(pin);
    if (asksPin && wantsPin(picked.info) && pinBytes === null) {
      setPinError('Type the PIN of the key.');
      pin.current?.focus();
      return;
    }
    const passwordBytes = withPassword ? (password.current?.bytes() ?? null) : null;
    const device = chosen.device;
    onWorking(true);
    const done = await work.run(async () => {
      try {
        await open(
          async (seal) => ({
            factor: 'security-key',
            ...(device === null || both ? {} : { device: device.id }),
            ...(passwordBytes === null ? {} : { password: await seal('password', passwordBytes) }),
            ...(pinBytes === null ? {} : { pin: await seal('security-key-pin', pinBytes) }),
          }),
          acceptRollback,
        );
      } catch (error) {
        const wire = asWireError(error);
        const delay = retryAfter(error);
        if (delay !== null) wait(delay);
        if (pinComplaint(wire) !== null) pin.current?.clear();
        if (wire.code === 'TooManyAttempts') return;
        if (wire.code !== 'WrongSecret' || !withPassword) throw error;
        password.current?.clear();
        setPasswordError('The password and this key do not open the vault together. Check Caps Lock and try again.');
        void refreshStatus(queries);
      }
    });
    wipe(pinBytes ?? undefined);
    wipe(passwordBytes ?? undefined);
    onWorking(false);
    if (!done) await queries.invalidateQueries({ queryKey: ['devices'] });
  };

  const complaint = work.error === null ? null : pinComplaint(work.error);
  const blocked = work.working || left > 0 || isDown || !picked.ready;
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked) void unlock(false);
      }}
      className="flex flex-col gap-4"
    >
      <KeyWorkArea work={work}>
        {withPassword && (
          <SecretField
            label="Password"
            handle={password}
            error={passwordError}
            autoFocus
            onEdit={() => setPasswordError(null)}
          />
        )}
        <KeyPicker
          chosen={chosen}
          picked={picked}
          pin={pin}
          askPin={asksPin}
          pinError={pinError ?? complaint}
          onPinEdit={() => {
            setPinError(null);
            work.forgetError();
          }}
          autoFocus={!withPassword}
        />
        <TooSoon left={left} />
        {work.error !== null && complaint === null && !isStale(work.error.code, picked.ready) && (
          <Trouble error={work.error} isDisabled={blocked} onAccept={() => void unlock(true)} />
        )}
        {picked.ready && (
          <Button type="submit" variant="primary" isDisabled={blocked} autoFocus={!withPassword && !asksPin}>
            Unlock
          </Button>
        )}
      </KeyWorkArea>
    </Form>
  );
}

/** The picker says itself what is the matter with the PIN of a key that is there. */
function isStale(code: string, ready: boolean): boolean {
  return !ready && (code === 'PinBlocked' || code === 'PinAuthBlocked');
}

function Trouble({ error, ...rest }: Parameters<typeof UnlockError>[0]) {
  return error.code === 'VaultRolledBack' || error.code === 'Unreachable' || error.code === 'Internal' ? (
    <UnlockError error={error} {...rest} />
  ) : (
    <KeyTrouble error={error} />
  );
}
