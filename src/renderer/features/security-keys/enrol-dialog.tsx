import { useState } from 'react';
import type { SecurityKey } from '../../../contract/mfa.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { Steps } from '../../ui/steps.tsx';
import { useChosenDevice } from './device/device-choice.tsx';
import { KeyPicker, usePickedKey } from './device/key-picker.tsx';
import { EnrolDone } from './enrol/enrol-done.tsx';
import { EnrolForm } from './enrol/enrol-form.tsx';
import { FirstPin } from './enrol/first-pin.tsx';
import { useSecurityKeys } from './key-queries.ts';
import { standardOf } from './key-words.ts';

const STEPS = ['Key', 'Use', 'Ready'] as const;

/** Makes a key known to the vault, and lets it open the vault where that is wanted. */
export function EnrolDialog({ deviceId, onClose }: { deviceId?: string; onClose: () => void }) {
  const chosen = useChosenDevice((device) => device.kind === 'fido', { initial: deviceId ?? null });
  const picked = usePickedKey(chosen);
  const keys = useSecurityKeys().data ?? [];
  const [step, setStep] = useState(deviceId === undefined ? 0 : 1);
  const [made, setMade] = useState<{ key: SecurityKey; trouble: string | null } | null>(null);
  const { device } = chosen;
  const { info } = picked;
  const fido = info?.kind === 'fido' ? info : undefined;
  const current = made !== null ? 2 : device === null || !picked.ready ? 0 : step;
  return (
    <Dialog
      title="Enrol a security key"
      isOpen
      onClose={onClose}
      {...(current === 1 ? { onStepBack: () => setStep(0) } : {})}
    >
      <Steps label="Steps" steps={STEPS} current={current} onGo={(to) => made === null && setStep(to)} />
      {made !== null ? (
        <EnrolDone made={made.key} trouble={made.trouble} onClose={onClose} />
      ) : current === 0 ? (
        <>
          <DialogBody>
            <KeyPicker
              chosen={chosen}
              picked={picked}
              pin={{ current: null }}
              pinError={null}
              askPin={false}
              onPinEdit={() => undefined}
            />
            {device !== null && fido !== undefined && (
              <Callout tone="info" title={device.name}>
                {standardOf(fido)}
                {fido.canUnlock
                  ? '. It can open the vault, and approve uses of secrets.'
                  : '. It can approve uses of secrets, but cannot open a vault.'}
              </Callout>
            )}
          </DialogBody>
          <DialogFooter>
            <Button onPress={onClose}>Cancel</Button>
            <Button variant="primary" autoFocus isDisabled={!picked.ready} onPress={() => setStep(1)}>
              Next: use
            </Button>
          </DialogFooter>
        </>
      ) : device !== null && fido !== undefined && fido.pin === 'unset' && fido.builtInVerification !== 'set' ? (
        <FirstPin device={device} least={fido.minPinLength ?? 4} onClose={onClose} />
      ) : (
        device !== null &&
        fido !== undefined && (
          <EnrolForm
            device={device}
            info={fido}
            taken={keys.map(({ name }) => name)}
            onPinTried={picked.refetch}
            onDone={(key, trouble) => setMade({ key, trouble })}
            onClose={onClose}
          />
        )
      )}
    </Dialog>
  );
}
