import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../../client/import/credential-values.ts';
import type { SecurityKeyDevice } from '../../../../contract/mfa.ts';
import { callSealed } from '../../../api/keyhold.ts';
import { Button } from '../../../ui/button.tsx';
import { DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { KeyTrouble } from '../device/device-trouble.tsx';
import { NewPin, type NewPinHandle } from '../device/new-pin.tsx';
import { pinComplaint } from '../key-words.ts';
import { KEY_FORM, KeyWorkArea } from '../touch-panel.tsx';
import { useKeyWork } from '../use-key-work.ts';

/** Before a key without a PIN is enrolled, it gets one. */
export function FirstPin({
  device,
  least,
  onClose,
}: {
  device: SecurityKeyDevice;
  least: number;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const pin = useRef<NewPinHandle>(null);
  const work = useKeyWork('manage');
  const set = async () => {
    const bytes = pin.current?.take() ?? null;
    if (bytes === null) return;
    await work.run(async () => {
      await callSealed('mfa.setPin', async (seal) => ({
        device: device.id,
        pin: await seal('security-key-pin', bytes),
      }));
      // Its new state is what leads on to the next step.
      await queries.invalidateQueries({ queryKey: ['devices', device.id] });
    });
    wipe(bytes);
  };
  const complaint = work.error === null ? null : pinComplaint(work.error);
  return (
    <Form
      className={KEY_FORM}
      onSubmit={(event) => {
        event.preventDefault();
        if (!work.working) void set();
      }}
    >
      <DialogBody>
        <KeyWorkArea work={work}>
          <p>
            {device.name} has no PIN yet. With one, who finds the key cannot use it. It holds wherever the key is used.
          </p>
          <NewPin handle={pin} least={least} refusal={complaint} autoFocus onEdit={work.forgetError} />
          {work.error !== null && complaint === null && <KeyTrouble error={work.error} />}
        </KeyWorkArea>
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={work.working}>
          Set the PIN
        </Button>
      </DialogFooter>
    </Form>
  );
}
