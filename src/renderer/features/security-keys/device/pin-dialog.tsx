import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { SecurityKeyDevice, SecurityKeyInfo } from '../../../../contract/mfa.ts';
import { callSealed } from '../../../api/keyhold.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { useDeviceInfo } from '../key-queries.ts';
import { pinComplaint, pinHint } from '../key-words.ts';
import { KEY_FORM, KeyWorkArea } from '../touch-panel.tsx';
import { useKeyWork } from '../use-key-work.ts';
import { KeyTrouble, PinTrouble, pinTrouble } from './device-trouble.tsx';
import { NewPin, type NewPinHandle } from './new-pin.tsx';

/** A key's first PIN, or another one. */
export function PinDialog({
  device,
  info,
  onClose,
}: {
  device: SecurityKeyDevice;
  info: Extract<SecurityKeyInfo, { kind: 'fido' }>;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  // What it was when the dialog was opened: afterwards there is a PIN.
  const [change] = useState(info.pin === 'set');
  const current = useRef<SecretHandle>(null);
  const next = useRef<NewPinHandle>(null);
  const [currentError, setCurrentError] = useState<string | null>(null);
  const now = useDeviceInfo(device.id).data ?? info;
  const trouble = pinTrouble(now);
  const work = useKeyWork('manage');
  const save = async () => {
    if (change && current.current?.isEmpty() !== false) {
      setCurrentError('Type the present PIN.');
      current.current?.focus();
      return;
    }
    const bytes = next.current?.take() ?? null;
    if (bytes === null) return;
    const old = change ? (current.current?.bytes() ?? null) : null;
    const done = await work.run(async () => {
      if (old === null) {
        await callSealed('mfa.setPin', async (seal) => ({
          device: device.id,
          pin: await seal('security-key-pin', bytes),
        }));
      } else {
        await callSealed('mfa.changePin', async (seal) => ({
          device: device.id,
          current: await seal('security-key-pin', old),
          pin: await seal('security-key-pin', bytes),
        }));
      }
    });
    wipe(bytes);
    wipe(old ?? undefined);
    await queries.invalidateQueries({ queryKey: ['devices', device.id] });
    if (!done) {
      current.current?.clear();
      return;
    }
    notify({ message: change ? `The PIN of ${device.name} was changed.` : `${device.name} has a PIN now.` });
    onClose();
  };
  const complaint = work.error === null ? null : pinComplaint(work.error);
  const aboutNew = work.error?.code === 'PinPolicy';
  return (
    <Dialog title={change ? 'Change the PIN' : 'Set a PIN'} width="small" isOpen onClose={onClose}>
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working && trouble === null) void save();
        }}
      >
        <DialogBody>
          {trouble !== null && !work.working ? (
            <PinTrouble trouble={trouble} />
          ) : (
            <KeyWorkArea work={work}>
              <p className="text-muted">
                The PIN belongs to {device.name} and holds wherever it is used, on web sites too. Nobody can recover it.
              </p>
              {change && (
                <SecretField
                  label="Present PIN"
                  handle={current}
                  hint={pinHint(now)}
                  error={currentError ?? (aboutNew ? null : complaint)}
                  autoFocus
                  onEdit={() => {
                    setCurrentError(null);
                    work.forgetError();
                  }}
                />
              )}
              <NewPin
                handle={next}
                least={info.minPinLength ?? 4}
                refusal={aboutNew ? complaint : null}
                autoFocus={!change}
                onEdit={() => {
                  if (aboutNew) work.forgetError();
                }}
              />
              {work.error !== null && complaint === null && <KeyTrouble error={work.error} />}
            </KeyWorkArea>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={work.working || trouble !== null}>
            {change ? 'Change the PIN' : 'Set the PIN'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
