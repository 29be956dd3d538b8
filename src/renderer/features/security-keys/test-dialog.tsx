import { CircleCheck } from 'lucide-react';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { SecurityKey, SecurityKeyDevice } from '../../../contract/mfa.ts';
import { callSealed } from '../../api/keyhold.ts';
import { formatLatency } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import type { SecretHandle } from '../../ui/secret-field.tsx';
import { Segments } from '../../ui/segments.tsx';
import { useChosenDevice } from './device/device-choice.tsx';
import { KeyTrouble } from './device/device-trouble.tsx';
import { KeyPicker, typedPin, usePickedKey } from './device/key-picker.tsx';
import { pinComplaint, wantsPin } from './key-words.ts';
import { KEY_FORM, KeyWorkArea } from './touch-panel.tsx';
import { useKeyWork } from './use-key-work.ts';

const OTP_SLOTS = [
  { id: '1', label: 'Slot 1' },
  { id: '2', label: 'Slot 2' },
] as const;

/** Tries a key: one of the vault, which has to answer rightly, or any device, which has to be touched. */
export function TestDialog({
  device,
  securityKey,
  onClose,
}: {
  device?: SecurityKeyDevice;
  securityKey?: SecurityKey;
  onClose: () => void;
}) {
  const chosen = useChosenDevice((one) => (device === undefined ? one.kind === 'fido' : one.id === device.id), {
    model: securityKey?.model,
  });
  const picked = usePickedKey(chosen);
  const pin = useRef<SecretHandle>(null);
  const [pinError, setPinError] = useState<string | null>(null);
  const [otpSlot, setOtpSlot] = useState<'1' | '2'>('2');
  const [result, setResult] = useState<{ message: string; milliseconds: number } | null>(null);
  const work = useKeyWork('test');
  const askPin = securityKey?.userVerification === true;
  const name = securityKey?.name ?? device?.name ?? 'the key';

  const test = async () => {
    const bytes = typedPin(pin);
    if (askPin && wantsPin(picked.info) && bytes === null) {
      setPinError('Type the PIN of the key.');
      return;
    }
    setResult(null);
    await work.run(async () => {
      const tested = await callSealed('mfa.test', async (seal) => ({
        ...(securityKey === undefined ? {} : { name: securityKey.name }),
        ...(chosen.device === null ? {} : { device: chosen.device.id }),
        ...(bytes === null ? {} : { pin: await seal('security-key-pin', bytes) }),
        ...(chosen.device?.kind === 'otp' ? { otpSlot: otpSlot === '1' ? (1 as const) : (2 as const) } : {}),
      }));
      setResult(tested);
    });
    wipe(bytes ?? undefined);
    pin.current?.clear();
    picked.refetch();
  };
  const complaint = work.error === null ? null : pinComplaint(work.error);
  return (
    <Dialog title={`Test ${name}`} width="small" isOpen onClose={onClose}>
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working && picked.ready) void test();
        }}
      >
        <DialogBody>
          <KeyWorkArea work={work}>
            {result === null && (
              <p className="text-muted">
                {securityKey !== undefined
                  ? 'It signs something fresh, and the answer is checked against what the vault knows of it.'
                  : chosen.device?.kind === 'otp'
                    ? 'One of its slots answers a challenge that is made up for this test.'
                    : 'It is asked to be touched, and nothing else.'}
              </p>
            )}
            {result !== null && (
              <p role="status" className="flex items-center gap-2">
                <CircleCheck size={16} aria-hidden="true" className="shrink-0 text-accent-ink" />
                <span>
                  {result.message} <span className="text-muted">{formatLatency(result.milliseconds)}</span>
                </span>
              </p>
            )}
            <KeyPicker
              chosen={chosen}
              meant={securityKey?.name}
              picked={picked}
              pin={pin}
              askPin={askPin}
              pinError={pinError ?? complaint}
              onPinEdit={() => {
                setPinError(null);
                work.forgetError();
              }}
              autoFocus
            />
            {chosen.device?.kind === 'otp' && (
              <Segments label="Slot" choices={OTP_SLOTS} value={otpSlot} onChange={setOtpSlot} />
            )}
            {work.error !== null && complaint === null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>{result === null ? 'Cancel' : 'Done'}</Button>
          <Button type="submit" variant="primary" isDisabled={work.working || !picked.ready}>
            {result === null ? 'Test it' : 'Test again'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
